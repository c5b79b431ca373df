#include "core/plane/recording_shelf.h"
#include "core/storage/recording_folder.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

namespace headgate {

class RecordingShelfTest : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    Snapshot m_snapshot;
    std::vector<std::string> m_ids;  // of group live, the oldest first

    std::string dataDir() const { return m_dir.path().toStdString(); }
    std::string folder(const char* group) const { return recording_folder::ofGroup(dataDir(), NodeGroupName(group)); }

    std::string add(const char* group, const char* stream, int second)
    {
        RecordingManifest manifest;
        manifest.stream = *StreamKey::parse(stream);
        manifest.epoch = static_cast<std::uint64_t>(second);
        manifest.startedAt = fromEpochMs(1'795'000'000'000 + second * 1000);
        manifest.id = recordingIdOf(manifest.stream, manifest.epoch, NodeId("n"), manifest.startedAt, 1);
        manifest.isComplete = true;
        manifest.segments = {{"000000.mp4", Duration(2000), 1000, 100, manifest.startedAt, false, {}}};
        QDir().mkpath(QString::fromStdString(folder(group) + "/" + manifest.id));
        static_cast<void>(recording_folder::writeManifest(folder(group), manifest));
        return manifest.id;
    }

private Q_SLOTS:
    void initTestCase()
    {
        for (const char* name : {"live", "other"}) {
            NodeGroupStatus status;
            status.group.name = NodeGroupName(name);
            status.group.roles = {Role{}};
            status.group.roles.front().name = "edge";
            status.group.roles.front().capabilities = {Capability::Subscribe};
            m_snapshot.nodeGroups.push_back(status);
        }
        NodeStatus node;
        node.node.id = NodeId("n");
        node.node.pool = {NodeGroupName("live"), "", "edge"};
        node.node.state = NodeState::InService;
        node.node.endpoints.address = "127.0.0.9";
        node.node.endpoints.httpPort = 5080;
        m_snapshot.nodes.push_back(node);
        for (int i = 0; i < 5; ++i)
            m_ids.push_back(add("live", i % 2 == 0 ? "live/show" : "live/talk", i));
        add("other", "live/show", 100);
    }

    void theNewestComeFirstInPages()
    {
        RecordingShelf shelf(dataDir(), "key");
        RecordingQuery query;
        query.nodeGroup = NodeGroupName("live");
        query.limit = 2;
        std::vector<std::string> seen;
        do {
            const auto page = shelf.read(m_snapshot, query);
            QVERIFY(page.has_value());
            QVERIFY(page->recordings.size() <= 2);
            for (const Recording& recording : page->recordings) {
                seen.push_back(recording.id);
                QCOMPARE(recording.playUrl,
                         "http://127.0.0.9:5080/vod/" + recording.stream.path() + "/" + recording.id + "/index.m3u8");
                QCOMPARE(recording.downloadUrl,
                         "http://127.0.0.9:5080/vod/" + recording.stream.path() + "/" + recording.id + "/download.mp4");
                QCOMPARE(recording.place, std::string("disk"));
                QCOMPARE(recording.length, Duration(2000));
            }
            query.after = page->next;
        } while (!query.after.empty() && seen.size() < 10);
        QCOMPARE(seen, std::vector<std::string>(m_ids.rbegin(), m_ids.rend()));

        RecordingQuery talks;
        talks.stream = "talk";
        QCOMPARE(shelf.read(m_snapshot, talks)->recordings.size(), std::size_t{2});
        const auto all = shelf.read(m_snapshot, {});
        QCOMPARE(all->recordings.size(), std::size_t{6});
        QCOMPARE(all->recordings.front().nodeGroup, NodeGroupName("other"));
        QCOMPARE(all->recordings.front().playUrl, std::string());
        QCOMPARE(all->recordings.front().downloadUrl, std::string());
        query.limit = 0;
        QCOMPARE(shelf.read(m_snapshot, query).error().code, ErrorCode::InvalidArgument);
    }

    void whatNobodyWritesCanBeDeleted()
    {
        RecordingShelf shelf(dataDir(), "key");
        const RecordingKey key{NodeGroupName("live"), m_ids.front()};
        {
            const auto claim = recording_folder::Claim::take(folder("live"), key.id);
            QVERIFY(claim.has_value());
            QCOMPARE(shelf.remove(m_snapshot, key).error().code, ErrorCode::Unavailable);
        }
        QVERIFY(shelf.remove(m_snapshot, key).has_value());
        QCOMPARE(shelf.remove(m_snapshot, key).error().code, ErrorCode::NotFound);
        QVERIFY(!QDir(QString::fromStdString(folder("live") + "/" + key.id)).exists());
        for (const char* wrong : {"", "..", "../live", "a/b"})
            QCOMPARE(shelf.remove(m_snapshot, {key.nodeGroup, wrong}).error().code, ErrorCode::NotFound);
        QCOMPARE(shelf.remove(m_snapshot, {NodeGroupName("none"), m_ids.back()}).error().code, ErrorCode::NotFound);
    }
};

}  // namespace headgate

QTEST_GUILESS_MAIN(headgate::RecordingShelfTest)
#include "recording_shelf_test.moc"
