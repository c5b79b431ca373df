#include "core/plane/engine_host.h"

#include "core/engine/balancer.h"
#include "core/engine/routing_log.h"
#include "core/plane/client_locator.h"
#include "core/plane/engine_loop.h"
#include "core/plane/recording_shelf.h"
#include "core/plane/stream_questions.h"
#include "core/provider/node_program.h"
#include "core/store/data_directory.h"
#include "core/store/store.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace headgate {

namespace {

constexpr Duration lookInterval{20};
constexpr Duration longestGrace{5'000};

std::uint64_t seedFrom(const KeyFile& key, const std::string& purpose, TimePoint now)
{
    std::uint64_t seed = 0;
    const std::string bytes = key.derive(purpose + std::to_string(toEpochMs(now)));
    std::memcpy(&seed, bytes.data(), sizeof seed);
    return seed;
}

}  // namespace

class EngineHost::Private
{
public:
    Private(EngineHostOptions hostOptions, DataDirectory claimed, KeyFile keyFile,
            std::unique_ptr<const ClientLocator> clientLocator)
        : options(std::move(hostOptions)),
          directory(std::move(claimed)),
          key(std::move(keyFile)),
          locator(std::move(clientLocator)),
          balancer(seedFrom(key, "balancer-seed", board.clock.now())),
          recordings(directory.path(), key.derive("seal"))
    {}

    // What routing goes by: the newest snapshot as soon as it is taken up, of which each caller does a part, or it is
    // late. To be called with balancerMutex held.
    const SnapshotPtr& followed(TimePoint now)
    {
        constexpr Duration patience{100};
        const RouteFactsPtr newest = board.snapshots.routeFacts();
        const bool isLate = !balancer.facts() || now - newest->snapshot->takenAt > patience;
        if (balancer.facts() != newest && (isLate || balancer.prepare(newest)))
            balancer.follow(newest);
        return balancer.facts()->snapshot;
    }

    std::string storeFile() const { return directory.file("headgate.sqlite"); }

    const EngineHostOptions options;
    const DataDirectory directory;
    const KeyFile key;
    const std::unique_ptr<const ClientLocator> locator;
    Blackboard board;
    std::mutex balancerMutex;
    Balancer balancer;    // guarded by balancerMutex
    RoutingLog routings;  // guarded by balancerMutex
    RecordingShelf recordings;
    std::unique_ptr<EngineLoop> loop;  // last: its thread uses the members above
};

EngineHost::EngineHost(std::unique_ptr<Private> d) : m_d(std::move(d))
{}

EngineHost::~EngineHost() = default;

Result<std::unique_ptr<EngineHost>> EngineHost::start(EngineHostOptions options)
{
    if (options.nodeProgram.empty()) {
        Result<std::string> program = findNodeProgram();
        if (!program)
            return tl::unexpected(program.error());
        options.nodeProgram = std::move(*program);
    }
    auto locator = ClientLocator::open(options.geoDatabase);
    if (!locator)
        return tl::unexpected(locator.error());
    Result<DataDirectory> directory = DataDirectory::claim(options.dataDir);
    if (!directory)
        return tl::unexpected(directory.error());
    Result<KeyFile> key = KeyFile::open(directory->file("key"));
    if (!key)
        return tl::unexpected(key.error());
    options.dataDir = directory->path();
    auto d = std::make_unique<Private>(std::move(options), std::move(*directory), std::move(*key), std::move(*locator));
    const std::uint64_t seed = seedFrom(d->key, "engine-seed", d->board.clock.now());
    const auto readDemand = [host = d.get()](TimePoint now) {
        const std::lock_guard lock(host->balancerMutex);
        return host->balancer.takeDemand(host->followed(now), now);
    };
    const auto tellRoundTrips = [host = d.get()](const NodeId& node, const std::vector<NetworkRoundTrip>& trips,
                                                 TimePoint now) {
        const SnapshotPtr current = host->board.snapshots.current();
        const std::lock_guard lock(host->balancerMutex);
        host->balancer.observe(*current, node, trips, now);
    };
    auto loop = EngineLoop::start({d->options, d->directory.path(), d->storeFile(), seed, readDemand, tellRoundTrips},
                                  d->key, d->board);
    if (!loop)
        return tl::unexpected(loop.error());
    d->loop = std::move(*loop);
    return std::unique_ptr<EngineHost>(new EngineHost(std::move(d)));
}

SnapshotPtr EngineHost::snapshot() const
{
    return m_d->board.snapshots.current();
}

StoredProvisionsPtr EngineHost::provisions() const
{
    return m_d->board.snapshots.provisions();
}

StoredPlanPtr EngineHost::plan() const
{
    return m_d->board.snapshots.plan();
}

void EngineHost::submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done)
{
    m_d->loop->inbox().put(CommandInput{std::move(request), [done = std::move(done)](Result<KeptOutcome> kept) {
                                            done(std::move(kept).map(&KeptOutcome::outcome));
                                        }});
}

void EngineHost::submitOnce(CommandRequest request, OnceKey once, std::function<void(Result<KeptOutcome>)> done)
{
    m_d->loop->inbox().put(CommandInput{std::move(request), std::move(done), std::move(once)});
}

RouteAnswer EngineHost::route(const RouteRequest& request, const WaitingTicket& ticket, const std::string& client,
                              Standing standing)
{
    const RouteCaller caller{ticket, m_d->locator->placeOf(client), standing};
    const TimePoint now = m_d->board.clock.now();
    const std::lock_guard lock(m_d->balancerMutex);
    const SnapshotPtr& current = m_d->followed(now);
    if (!m_d->routings.wantsNext(now))
        return m_d->balancer.route(current, request, now, caller);
    const auto told = m_d->balancer.explain(current, request, now, caller.client);
    RouteAnswer answer = m_d->balancer.route(current, request, now, caller);
    if (told)
        m_d->routings.keep(request, answer, *told, now);
    return answer;
}

Result<RouteExplanation> EngineHost::explainRoute(const RouteRequest& request, const std::string& client) const
{
    const ClientPlace place = m_d->locator->placeOf(client);
    const TimePoint now = m_d->board.clock.now();
    const std::lock_guard lock(m_d->balancerMutex);
    return m_d->balancer.explain(m_d->followed(now), request, now, place);
}

Result<std::vector<AuditRecord>> EngineHost::readAudit(const AuditQuery& query) const
{
    AuditQuery bounded = query;
    bounded.limit = std::clamp(query.limit, 1, 1000);
    if (query.trail == AuditTrail::Routings) {
        const std::lock_guard lock(m_d->balancerMutex);
        return m_d->routings.read(bounded);
    }
    return Store::readAudit(m_d->storeFile(), bounded);
}

Result<AuditVerdict> EngineHost::verifyAudit() const
{
    return Store::verifyAudit(m_d->storeFile(), m_d->key.derive(auditKeyPurpose));
}

Result<RecordingPage> EngineHost::readRecordings(const Snapshot& snapshot, const RecordingQuery& query)
{
    return m_d->recordings.read(snapshot, query);
}

Result<void> EngineHost::keepRecord(AuditRecord record)
{
    std::promise<Result<void>> kept;
    const bool isTaken = m_d->loop->inbox().put(
        AuditInput{std::move(record), [&kept](Result<void> done) { kept.set_value(std::move(done)); }});
    return isTaken ? kept.get_future().get()
                   : fail(ErrorCode::Unavailable, "The control plane is stopping.", "Try again after its start.");
}

Result<void> EngineHost::deleteRecording(const Snapshot& snapshot, const RecordingKey& key, const Actor& actor,
                                         const RequestId& requestId)
{
    if (!snapshot.findNodeGroup(key.nodeGroup) || !isRecordingId(key.id))
        return m_d->recordings.remove(snapshot, key);
    AuditRecord record;
    record.actor = actor.name;
    record.requestId = requestId;
    record.verb = "recording.delete";
    record.object = "recording/" + key.nodeGroup.value + "/" + key.id;
    record.sentence = "Recording " + key.id + " is deleted.";
    if (auto kept = keepRecord(record); !kept)
        return kept;
    auto removed = m_d->recordings.remove(snapshot, key);
    if (removed)
        return removed;
    record.verb = "recording.keep";
    record.sentence = "Recording " + key.id + " was not deleted: " + removed.error().message;
    if (auto kept = keepRecord(std::move(record)); !kept)
        return kept;
    return removed;
}

Result<void> EngineHost::testStore(const Snapshot& snapshot, const NodeGroupName& group, const S3Settings& store) const
{
    return m_d->recordings.test(snapshot, group, store);
}

Result<UsageReport> EngineHost::readUsage(const UsageQuery& query) const
{
    const int days = static_cast<int>((query.to - query.from).count()) + 1;
    if (days < 1 || days > UsageQuery::mostDays)
        return fail(ErrorCode::InvalidArgument,
                    "Usage is told of 1 to " + std::to_string(UsageQuery::mostDays) + " days at a time, not of " +
                        std::to_string(days) + ".",
                    "Ask for less.", "/to");
    return Store::readUsage(m_d->storeFile(), query);
}

void EngineHost::readStream(const StreamQuery& query, std::function<void(Result<StreamDetails>)> done)
{
    const SnapshotPtr current = snapshot();
    auto question = questionOf(*current, query);
    if (!question)
        return done(tl::unexpected(std::move(question.error())));
    question->done = [done, current, query, node = question->node](const Result<node_protocol::FromNode>& answer) {
        auto details = detailsIn(answer);
        if (details)
            details->node = node;
        else if (details.error().code == ErrorCode::Unavailable)
            details = detailsWithout(*current, query, node, details.error());
        done(std::move(details));
    };
    m_d->loop->inbox().put(std::move(*question));
}

void EngineHost::readThumbnail(const ThumbnailQuery& query, std::function<void(Result<Thumbnail>)> done)
{
    auto question = questionOf(*snapshot(), query);
    if (!question)
        return done(tl::unexpected(std::move(question.error())));
    question->done = [done](const Result<node_protocol::FromNode>& answer) { done(thumbnailIn(answer)); };
    m_d->loop->inbox().put(std::move(*question));
}

std::vector<MetricSeries> EngineHost::readMetrics(const MetricQuery& query) const
{
    return m_d->board.metrics.read(query);
}

const NodeTraffic& EngineHost::nodeTraffic() const
{
    return m_d->board.traffic;
}

AccountPtr EngineHost::findAccount(const std::string& name) const
{
    return m_d->board.accounts.find(name);
}

TokenKeys EngineHost::tokenKeys() const
{
    return m_d->board.accounts.tokenKeys();
}

AccountPtr EngineHost::findAccountByToken(const std::string& tokenId) const
{
    return m_d->board.accounts.findByToken(tokenId);
}

std::vector<AccountPtr> EngineHost::accounts() const
{
    return m_d->board.accounts.all();
}

bool EngineHost::hasAccounts() const
{
    return !m_d->board.accounts.isEmpty();
}

std::string EngineHost::derivedKey(const std::string& purpose) const
{
    return m_d->key.derive(purpose);
}

std::shared_ptr<void> EngineHost::onSnapshot(std::function<void(SnapshotPtr)> listener)
{
    return m_d->board.snapshots.subscribe(std::move(listener));
}

int EngineHost::stopAllNodes(Duration timeout)
{
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    m_d->loop->inbox().put(StopNodesInput{std::min(longestGrace, timeout / 2)});
    // Launches that the engine thread has begun are counted only once it has come to our input.
    while (std::chrono::steady_clock::now() < deadline) {
        if (m_d->board.isStoppingNodes && m_d->board.runningNodes == 0)
            return 0;
        std::this_thread::sleep_for(lookInterval);
    }
    return m_d->board.runningNodes;
}

const EngineHostOptions& EngineHost::options() const
{
    return m_d->options;
}

}  // namespace headgate
