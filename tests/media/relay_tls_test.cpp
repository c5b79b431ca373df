#include "tests/media/support/certificate.h"
#include "tests/media/support/relay_cluster.h"

#include <QFile>
#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

struct Cluster : RelayCluster
{
    Cluster() : RelayCluster(LoopOptions{2, Duration::zero(), 0}) {}

    std::unique_ptr<MediaNode> openSecured(NodeCapabilities capabilities, const Certificate& certificate)
    {
        MediaNodeOptions wanted = options(capabilities);
        wanted.rtmps = RtmpsOptions{0, certificate.files};
        return openWith(wanted);
    }
    std::unique_ptr<MediaNode> openTrusting(const Certificate& certificate, const char* name = "")
    {
        MediaNodeOptions wanted = options({false, true});
        wanted.parentTrust = ParentTrustOptions{certificate.files.certificate, name};
        return openWith(wanted);
    }
    // The edge's viewer has everything, and this is from where.
    bool hasAllFrom(const SocketAddress& parent)
    {
        if (!viewer)
            viewer = std::make_unique<RtmpViewer>(loop, edge->endpoints(), "live", "show");
        return wait([&] { return viewer->timestamps(FrameKind::Video) == sentTimes(0); }) &&
               edge->hub().find(key)->source().address == toText(parent);
    }
    // Nothing comes to the edge's viewer.
    bool hasNothing()
    {
        RtmpViewer waiting(loop, edge->endpoints(), "live", "show");
        turnFor(loop, Duration(1500));
        return waiting.frames.empty();
    }
    static SocketAddress plainAddress(const MediaNode& node) { return {"127.0.0.1", node.endpoints().rtmpPort, {}}; }

    std::unique_ptr<RtmpViewer> viewer;
};

}  // namespace

class RelayTlsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aTrustedParentIsPulledFromOverTls()
    {
        Cluster cluster;
        const Certificate certificate;
        cluster.origin = cluster.openSecured({true, false}, certificate);
        cluster.edge = cluster.openTrusting(certificate);
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        QVERIFY(cluster.hasAllFrom(*cluster.origin->rtmpsAddress()));
        cluster.sendFrames(20);
        QVERIFY(cluster.hasAllFrom(*cluster.origin->rtmpsAddress()));
        QCOMPARE(cluster.viewer->timestamps(FrameKind::Audio).size(), std::size_t{25});
        cluster.edge.reset();
    }

    void whoShowsAnotherCertificateIsNotPulledFrom()
    {
        Cluster cluster;
        const Certificate certificate;
        const Certificate other;
        cluster.origin = cluster.openSecured({true, false}, certificate);
        const auto stranger = cluster.openSecured(Cluster::between, other);
        cluster.assign(*stranger, cluster.parent(*cluster.origin, "origin"));
        cluster.edge = cluster.openTrusting(certificate);
        cluster.assign(*cluster.edge, cluster.parent(*stranger, "stranger"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        QVERIFY(cluster.hasNothing());
        QCOMPARE(stranger->hub().subscriberCount(Subscriber::Kind::Child), 0);
        cluster.assign(*cluster.edge, cluster.parent(*stranger, "stranger"), cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.hasAllFrom(*cluster.origin->rtmpsAddress()));
        cluster.edge.reset();
    }

    void theCertificateMustBeForTheAddressOrForTheNameThatIsGiven()
    {
        Cluster cluster;
        const Certificate certificate("DNS:*.nodes.example");
        cluster.origin = cluster.openSecured({true, false}, certificate);
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        for (const char* wrongName : {"", "nodes.example", "parent.other.example"}) {
            cluster.edge = cluster.openTrusting(certificate, wrongName);
            cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
            QVERIFY2(cluster.hasNothing(), wrongName);
        }
        cluster.edge = cluster.openTrusting(certificate, "parent.nodes.example");
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.hasAllFrom(*cluster.origin->rtmpsAddress()));
        cluster.edge.reset();
    }

    void aParentWithoutACertificateIsPulledFromInTheClear()
    {
        Cluster cluster;
        const Certificate certificate;
        cluster.edge = cluster.openTrusting(certificate);
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        QVERIFY(cluster.hasAllFrom(Cluster::plainAddress(*cluster.origin)));
        cluster.edge.reset();
    }

    void whoTrustsNobodyPullsInTheClear()
    {
        Cluster cluster;
        const Certificate certificate;
        cluster.origin = cluster.openSecured({true, false}, certificate);
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        QVERIFY(cluster.hasAllFrom(Cluster::plainAddress(*cluster.origin)));
        cluster.edge.reset();
    }

    void authoritiesThatChangeAreReadAgain()
    {
        Cluster cluster;
        const Certificate certificate;
        const Certificate trusted;  // of somebody else at first
        cluster.origin = cluster.openSecured({true, false}, certificate);
        cluster.edge = cluster.openTrusting(trusted);
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        QVERIFY(cluster.hasNothing());
        QFile file(QString::fromStdString(trusted.files.certificate));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("no certificate") > 0);
        file.close();
        QVERIFY(cluster.hasNothing());
        QVERIFY(file.remove() && QFile::copy(QString::fromStdString(certificate.files.certificate), file.fileName()));
        QVERIFY(cluster.hasAllFrom(*cluster.origin->rtmpsAddress()));
        cluster.edge.reset();
    }

    void aFileThatCannotBeUsedIsNamed()
    {
        Cluster cluster;
        MediaNodeOptions options = cluster.options({false, true});
        options.parentTrust = ParentTrustOptions{"/nowhere/authorities.pem", {}};
        const auto node = MediaNode::open(cluster.loop, cluster.log, options, [](std::string_view) {});
        QVERIFY(!node.has_value());
        QVERIFY(node.error().message.find("/nowhere/authorities.pem cannot be read") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(RelayTlsTest)
#include "relay_tls_test.moc"
