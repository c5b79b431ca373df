#include "core/plane/local_accounts.h"
#include "core/plane/shown_provisions.h"
#include "core/wire/native_codec.h"

#include <QMetaObject>

#include <utility>

namespace headgate {

void LocalControlPlane::Mailbox::post(std::function<void(LocalControlPlane&)> work)
{
    const std::lock_guard lock(m_mutex);
    if (!m_owner)
        return;
    LocalControlPlane* owner = m_owner;
    QMetaObject::invokeMethod(
        owner, [owner, work = std::move(work)] { work(*owner); }, Qt::QueuedConnection);
}

void LocalControlPlane::Mailbox::close()
{
    const std::lock_guard lock(m_mutex);
    m_owner = nullptr;
}

LocalControlPlane::LocalControlPlane(EngineHost& host)
    : m_host(host),
      m_snapshot(host.snapshot()),
      m_mailbox(std::make_shared<Mailbox>(this)),
      m_accounts(std::make_unique<Accounts>(*this))
{
    m_readers.setMaxThreadCount(1);
    m_storage.setMaxThreadCount(1);
    m_subscription = host.onSnapshot([mailbox = m_mailbox](const SnapshotPtr&) {
        if (!mailbox->isSnapshotWaiting.exchange(true))
            mailbox->post([](LocalControlPlane& self) { self.takeSnapshot(); });
    });
}

LocalControlPlane::~LocalControlPlane()
{
    m_subscription.reset();
    m_mailbox->close();
    m_readers.waitForDone();
    m_storage.waitForDone();
    for (const auto& [number, giveUp] : std::exchange(m_open, {}))
        giveUp();
}

Link LocalControlPlane::link() const
{
    return {LinkState::Connected, "This machine", m_snapshot->takenAt, {}};
}

void LocalControlPlane::takeSnapshot()
{
    m_mailbox->isSnapshotWaiting = false;
    m_snapshot = m_host.snapshot();
    Q_EMIT snapshotChanged();
}

void LocalControlPlane::submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done)
{
    if (auto* put = std::get_if<PutProvisions>(&request.command)) {
        const StoredProvisionsPtr present = m_host.provisions();
        for (Provision& sent : put->provisions) {
            const StoredProvision* kept = findProvision(*present, {put->nodeGroup, sent.guid});
            sent =
                sealedOver(std::move(sent), put->mode == PutMode::Replace ? kept : nullptr, m_host.derivedKey("seal"));
        }
    }
    m_host.submit(std::move(request), expect(std::move(done)));
}

void LocalControlPlane::route(RouteRequest request, std::function<void(Result<std::vector<RouteTarget>>)> done)
{
    const RouteAnswer answer = m_host.route(request, {m_tickets.of(request)});
    m_tickets.note(request, answer ? std::nullopt : answer.error().waiting);
    expect(std::move(done))(answer.map_error([](const RouteRefusal& refusal) { return refusal.error; }));
}

void LocalControlPlane::explainRoute(RouteRequest request, std::function<void(Result<RouteExplanation>)> done)
{
    m_readers.start([&host = m_host, request = std::move(request), answer = expect(std::move(done))] {
        answer(host.explainRoute(request));
    });
}

void LocalControlPlane::readAudit(AuditQuery query, std::function<void(Result<std::vector<AuditRecord>>)> done)
{
    m_readers.start([&host = m_host, query = std::move(query), answer = expect(std::move(done))] {
        answer(host.readAudit(query));
    });
}

void LocalControlPlane::readMetrics(MetricQuery query, std::function<void(Result<std::vector<MetricSeries>>)> done)
{
    m_readers.start([&host = m_host, query, answer = expect(std::move(done))] { answer(host.readMetrics(query)); });
}

void LocalControlPlane::readStream(StreamQuery query, std::function<void(Result<StreamDetails>)> done)
{
    m_host.readStream(query, expect(std::move(done)));
}

void LocalControlPlane::readThumbnail(ThumbnailQuery query, std::function<void(Result<Thumbnail>)> done)
{
    m_host.readThumbnail(query, expect(std::move(done)));
}

void LocalControlPlane::readPlan(std::function<void(Result<StoredPlanPtr>)> done)
{
    expect(std::move(done))(m_host.plan());
}

void LocalControlPlane::readRecordings(RecordingQuery query, std::function<void(Result<RecordingPage>)> done)
{
    m_storage.start([&host = m_host, query = std::move(query), answer = expect(std::move(done))] {
        answer(host.readRecordings(*host.snapshot(), query));
    });
}

void LocalControlPlane::deleteRecording(RecordingKey key, std::function<void(Result<void>)> done)
{
    m_storage.start([&host = m_host, key = std::move(key), answer = expect(std::move(done))] {
        answer(host.deleteRecording(*host.snapshot(), key, Actor{"console"}, {}));
    });
}

void LocalControlPlane::testStore(NodeGroupName nodeGroup, S3Settings store, std::function<void(Result<void>)> done)
{
    m_storage.start([&host = m_host, nodeGroup = std::move(nodeGroup), store = std::move(store),
                     answer = expect(std::move(done))] { answer(host.testStore(*host.snapshot(), nodeGroup, store)); });
}

void LocalControlPlane::readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done)
{
    m_readers.start([&host = m_host, answer = expect(std::move(done))] {
        const std::string sealKey = host.derivedKey("seal");
        auto shown = std::make_shared<StoredProvisions>(*host.provisions());
        for (StoredProvision& stored : *shown)
            stored.provision.document = native::write(shownDocument(stored.provision, sealKey));
        answer(StoredProvisionsPtr(std::move(shown)));
    });
}

void LocalControlPlane::readUsage(UsageQuery query, std::function<void(Result<UsageReport>)> done)
{
    m_readers.start([&host = m_host, query, answer = expect(std::move(done))] { answer(host.readUsage(query)); });
}

std::unique_ptr<ControlPlane> makeLocalControlPlane(EngineHost& host)
{
    return std::make_unique<LocalControlPlane>(host);
}

}  // namespace headgate
