#include "ui/models/test_streams.h"

#include "ui/models/stream_passes.h"
#include "ui/models/stream_urls.h"

#include <QTimer>

#include <algorithm>

namespace headgate {

namespace {

constexpr int retryMs = 2000;

}  // namespace

struct TestStreams::Run
{
    quint64 serial = 0;
    Entry entry;
    std::unique_ptr<TestPublication> publication;
};

TestStreams::TestStreams(const MediaServices& media, QObject* parent) : QObject(parent), m_media(media)
{}

TestStreams::~TestStreams() = default;

void TestStreams::setControlPlane(ControlPlane* plane)
{
    if (plane == m_plane)
        return;
    m_plane = plane;
    if (m_runs.empty())
        return;
    m_runs.clear();
    Q_EMIT changed();
}

void TestStreams::start(const NodeGroupName& nodeGroup, const StreamKey& stream)
{
    if (isRunning(nodeGroup, stream))
        return;
    auto run = std::make_unique<Run>();
    run->serial = m_nextSerial++;
    run->entry.nodeGroup = nodeGroup;
    run->entry.stream = stream;
    const quint64 serial = run->serial;
    m_runs.push_back(std::move(run));
    Q_EMIT changed();
    ask(serial);
}

void TestStreams::stop(const NodeGroupName& nodeGroup, const StreamKey& stream)
{
    const Run* run = find(nodeGroup, stream);
    if (!run)
        return;
    std::erase_if(m_runs, [run](const std::unique_ptr<Run>& other) { return other.get() == run; });
    Q_EMIT changed();
}

std::vector<TestStreams::Entry> TestStreams::entries() const
{
    std::vector<Entry> entries;
    for (const std::unique_ptr<Run>& run : m_runs)
        entries.push_back(run->entry);
    return entries;
}

bool TestStreams::isRunning(const NodeGroupName& nodeGroup, const StreamKey& stream) const
{
    return find(nodeGroup, stream) != nullptr;
}

StreamKey TestStreams::freeName(const NodeGroupName& nodeGroup) const
{
    const SnapshotPtr snapshot = m_plane ? m_plane->snapshot() : nullptr;
    StreamKey key{"live", "test"};
    for (int number = 2;; ++number) {
        const bool isLive = snapshot && snapshot->findStream(nodeGroup, key);
        if (!isLive && !isRunning(nodeGroup, key))
            return key;
        key.name = "test-" + std::to_string(number);
    }
}

TestStreams::Run* TestStreams::find(quint64 serial) const
{
    const auto found =
        std::find_if(m_runs.begin(), m_runs.end(), [serial](const auto& r) { return r->serial == serial; });
    return found == m_runs.end() ? nullptr : found->get();
}

TestStreams::Run* TestStreams::find(const NodeGroupName& nodeGroup, const StreamKey& stream) const
{
    const auto found = std::find_if(m_runs.begin(), m_runs.end(), [&](const auto& run) {
        return run->entry.nodeGroup == nodeGroup && run->entry.stream == stream;
    });
    return found == m_runs.end() ? nullptr : found->get();
}

void TestStreams::ask(quint64 serial)
{
    Run* run = find(serial);
    if (!run)
        return;
    if (!m_media.publishTest) {
        retryLater(serial, Error{ErrorCode::Unsupported, "This console was built without a test picture.", {}, {}});
        return;
    }
    if (!m_plane) {
        retryLater(serial, Error{ErrorCode::Unavailable, "There is no control plane to ask for an origin.", {}, {}});
        return;
    }
    run->entry.state = State::Asking;
    run->entry.url.clear();
    RouteRequest request;
    request.purpose = RoutePurpose::Publish;
    request.nodeGroup = run->entry.nodeGroup;
    request.stream = run->entry.stream;
    const QPointer<TestStreams> self(this);
    m_plane->route(request, [self, serial](Result<std::vector<RouteTarget>> targets) {
        Run* asked = self ? self->find(serial) : nullptr;
        if (!asked)
            return;
        if (!targets)
            self->retryLater(serial, targets.error());
        else if (targets->empty())
            self->retryLater(serial, Error{ErrorCode::Unavailable, "No origin takes the stream at present.", {}, {}});
        else
            self->askForPass(*asked, targets->front());
    });
}

void TestStreams::askForPass(Run& run, const RouteTarget& target)
{
    if (!m_plane)
        return;
    run.entry.url = rtmpUrl(target.endpoints, run.entry.stream);
    const StreamPassWish wish{RoutePurpose::Publish, run.entry.nodeGroup, run.entry.stream, target.node};
    const QPointer<TestStreams> self(this);
    withStreamPass(*m_plane, wish, run.entry.url, [self, serial = run.serial](const Result<QString>& url) {
        Run* asked = self ? self->find(serial) : nullptr;
        if (!asked)
            return;
        if (url)
            self->publish(*asked, *url);
        else
            self->retryLater(serial, url.error());
    });
}

void TestStreams::publish(Run& run, const QString& url)
{
    const quint64 serial = run.serial;
    run.publication = m_media.publishTest(url);
    connect(run.publication.get(), &TestPublication::started, this, [this, serial] {
        if (Run* started = find(serial)) {
            started->entry.state = State::OnAir;
            started->entry.error = {};
            Q_EMIT changed();
        }
    });
    connect(run.publication.get(), &TestPublication::failed, this,
            [this, serial](const Error& error) { retryLater(serial, error); });
    Q_EMIT changed();
}

void TestStreams::retryLater(quint64 serial, const Error& error)
{
    Run* run = find(serial);
    if (!run)
        return;
    run->entry.state = State::Waiting;
    run->entry.error = error;
    // We may stand inside a signal of the publication, so it must not die here.
    if (run->publication)
        run->publication.release()->deleteLater();
    Q_EMIT changed();
    QTimer::singleShot(retryMs, this, [this, serial] { ask(serial); });
}

}  // namespace headgate
