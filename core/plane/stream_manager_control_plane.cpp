#include "core/plane/stream_manager_control_plane.h"

#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/shell_lines.h"
#include "core/wire/stream_manager_calls.h"
#include "core/wire/stream_manager_provisions.h"

#include <QPointer>

#include <algorithm>
#include <set>
#include <utility>

namespace headgate {

namespace {

using nlohmann::json;
using stream_manager::Answers;

constexpr int pauseMs = 2000;
constexpr const char* groupsPath = "/as/v1/admin/nodegroup";
constexpr const char* alone = "Do it where the Stream Manager runs, or import it into a control plane of ours.";

TimePoint now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

native::HttpCall get(std::string target)
{
    native::HttpCall call;
    call.target = std::move(target);
    return call;
}

native::HttpCall documentCall(const std::string& name)
{
    return get(stream_manager::nodeGroupPath(name) + "?isEffective=false");
}

std::vector<std::string> namesIn(const json& list)
{
    std::vector<std::string> names;
    for (const json& each : list.is_array() ? list : json::array()) {
        if (each.is_string())
            names.push_back(each.get<std::string>());
    }
    return names;
}

bool isMissing(const Error& error)
{
    return error.code == ErrorCode::NotFound || error.code == ErrorCode::Unsupported;
}

std::string nameOf(const json& document)
{
    return document.is_object() ? document.value("name", std::string()) : std::string();
}

// What a command is about: the document at the Stream Manager, and what it is before and after.
struct Subject
{
    std::string document;
    json before;
    json after;
    enum class Wish
    {
        Make,
        Change
    } wish = Wish::Change;
};

json itemIn(const PlanDocument& plan, const PlanItemKey& key)
{
    for (const PlanItem& item : itemsOf(plan)) {
        if (keyOf(item) == key)
            return native::toJson(item);
    }
    return nullptr;
}

class SubjectOf
{
public:
    explicit SubjectOf(const PlanDocument& plan) : m_plan(plan) {}

    Subject operator()(const CreateNodeGroup& command) const
    {
        return {command.group.name.value, group(command.group.name), native::toJson(command.group),
                Subject::Wish::Make};
    }
    Subject operator()(const ReplaceNodeGroup& command) const
    {
        return {command.group.name.value, group(command.group.name), native::toJson(command.group)};
    }
    Subject operator()(const DeleteNodeGroup& command) const
    {
        return {command.name.value, group(command.name), nullptr};
    }
    Subject operator()(const CreatePlanItem& command) const
    {
        const PlanItemKey key = keyOf(command.item);
        return {documentOf(command.item), itemIn(m_plan, key), native::toJson(command.item), Subject::Wish::Make};
    }
    Subject operator()(const ReplacePlanItem& command) const
    {
        return {documentOf(command.item), itemIn(m_plan, keyOf(command.item)), native::toJson(command.item)};
    }
    Subject operator()(const DeletePlanItem& command) const
    {
        std::string document = command.key.id;
        for (const Schedule& schedule : m_plan.schedules) {
            if (command.key.kind == PlanItemKind::Schedule && schedule.id == command.key.id)
                document = schedule.scope.nodeGroup.value;
        }
        return {document, itemIn(m_plan, command.key), nullptr};
    }
    // Provisions have no document here: the Stream Manager itself says what is wrong.
    template <typename Other>
    Subject operator()(const Other&) const
    {
        return {};
    }

private:
    static std::string documentOf(const PlanItem& item)
    {
        if (const auto* schedule = std::get_if<Schedule>(&item))
            return schedule->scope.nodeGroup.value;
        return keyOf(item).id;
    }

    json group(const NodeGroupName& name) const
    {
        const auto found = std::ranges::find(m_plan.nodeGroups, name, &NodeGroup::name);
        return found == m_plan.nodeGroups.end() ? json(nullptr) : native::toJson(*found);
    }

    const PlanDocument& m_plan;
};

// Those that can be understood, with their secrets masked as ours shows them.
StoredProvisions provisionsIn(const json& list, const NodeGroupName& group)
{
    StoredProvisions found;
    for (const json& each : list.is_array() ? list : json::array()) {
        json document = each;
        stream_manager::changeSecrets(document, stream_manager::masked);
        if (auto provision = stream_manager::provisionFromJson(document)) {
            StoredProvision& stored = found.emplace_back();
            stored.nodeGroup = group;
            stored.provision = std::move(*provision);
        }
    }
    return found;
}

Error lacking(Ability ability)
{
    return {ErrorCode::Unsupported, streamManagerCapabilities().whyNot(ability), alone, {}};
}

}  // namespace

const Capabilities& streamManagerCapabilities()
{
    static const Capabilities capabilities(
        {{Ability::WriteOverlays,
          "A Stream Manager 2.0 has no overlays of single numbers, exclusion sets and limits: it knows whole "
          "configurations."},
         {Ability::WriteRegions, "The regions of a Stream Manager 2.0 are those of its cloud."},
         {Ability::WriteDeployments, "A Stream Manager 2.0 has node groups, and no deployments."},
         {Ability::WriteNodeImages, "The node images of a Stream Manager 2.0 are those of its cloud."},
         {Ability::DrainNodes, "A Stream Manager 2.0 drains nodes by itself, as its rules of scaling say."},
         {Ability::StopNodes, "A Stream Manager 2.0 ends nodes by itself, as its rules of scaling say."},
         {Ability::DisconnectViewers, "The interface of a Stream Manager 2.0 does not know single viewers."},
         {Ability::ManageAccounts, "The accounts of a Stream Manager 2.0 are fixed where it is installed."},
         {Ability::RotateTokenKeys, "The keys of a Stream Manager 2.0 are fixed where it is installed."},
         {Ability::ReadMetrics, "A Stream Manager 2.0 keeps no history of its figures."},
         {Ability::ReadAudit, "A Stream Manager 2.0 keeps no record of who did what."},
         {Ability::ReadStreamDetails, "The interface of a Stream Manager 2.0 tells viewers by node, and no more."},
         {Ability::ExplainRoutes, "A Stream Manager 2.0 does not tell why it chooses a node."},
         {Ability::ReadUsage, "A Stream Manager 2.0 does not count what its nodes did."}});
    return capabilities;
}

StreamManagerControlPlane::StreamManagerControlPlane(StreamManagerLogin login)
    : m_accounts(lacking(Ability::ManageAccounts)),
      m_plan(std::make_shared<const StoredPlan>()),
      m_session(std::move(login))
{
    m_link.address = m_session.address();
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &StreamManagerControlPlane::poll);
    // Not at once: who makes this wants to connect to its signals first.
    m_pause.start(0);
}

StreamManagerControlPlane::~StreamManagerControlPlane()
{
    // Calls that are answered now belong to nobody.
    ++m_round;
    for (const auto& waiting : std::exchange(m_afterRound, {}))
        waiting();
}

void StreamManagerControlPlane::reconnect()
{
    if (m_link.state == LinkState::SignedOut)
        setLink(LinkState::Connecting, {});
    poll();
}

void StreamManagerControlPlane::poll()
{
    m_pause.stop();
    const std::uint64_t round = ++m_round;
    m_session.call(get(groupsPath), [this, round](const Result<HttpAnswer>& active) {
        if (round != m_round)
            return;
        if (!active)
            return lose(active.error());
        auto answers = std::make_shared<Answers>();
        const std::vector<std::string> names = namesIn(active->body);
        answers->activeGroups = {names.begin(), names.end()};
        m_session.call(get(std::string(groupsPath) + "/scheduled"),
                       [this, round, answers](const Result<HttpAnswer>& scheduled) {
                           if (round != m_round)
                               return;
                           if (!scheduled && !isMissing(scheduled.error()))
                               return lose(scheduled.error());
                           std::set<std::string> all = answers->activeGroups;
                           for (const std::string& name : namesIn(scheduled ? scheduled->body : json()))
                               all.insert(name);
                           readGroups(answers, {all.begin(), all.end()});
                       });
    });
}

void StreamManagerControlPlane::readAll(const std::vector<std::string>& targets, Read read, std::function<void()> then)
{
    const auto open = std::make_shared<std::size_t>(targets.size());
    if (targets.empty())
        return then();
    for (std::size_t i = 0; i < targets.size(); ++i) {
        m_session.call(get(targets[i]), [this, open, i, read, then, round = m_round](const Result<HttpAnswer>& answer) {
            if (round != m_round)
                return;
            // What went away since it was listed is not there.
            if (!answer && !isMissing(answer.error()))
                return lose(answer.error());
            if (answer)
                read(i, answer->body);
            if (--*open == 0)
                then();
        });
    }
}

void StreamManagerControlPlane::readGroups(const std::shared_ptr<Answers>& answers,
                                           const std::vector<std::string>& names)
{
    std::vector<std::string> targets;
    for (const std::string& name : names)
        targets.push_back(documentCall(name).target);
    readAll(
        targets, [answers](std::size_t, const json& body) { answers->groups.push_back(body); },
        [this, answers] { readLive(answers); });
}

// Of each group its nodes and its streams. Overlays have none of their own.
void StreamManagerControlPlane::readLive(const std::shared_ptr<Answers>& answers)
{
    std::vector<std::string> names, targets;
    for (const json& group : answers->groups) {
        if (group.is_object() && !group.contains("baseNodeGroupName"))
            names.push_back(nameOf(group));
    }
    std::ranges::sort(answers->groups, {}, nameOf);
    for (const std::string& name : names) {
        targets.push_back(std::string(groupsPath) + "/status/" + native::percentEncoded(name));
        targets.push_back("/as/v1/streams/stream/" + native::percentEncoded(name) + "?stats=true&aggregate=false");
    }
    readAll(
        targets,
        [answers, names](std::size_t i, const json& body) {
            (i % 2 == 0 ? answers->nodes : answers->streams)[names[i / 2]] = body;
        },
        [this, answers] { take(*answers); });
}

void StreamManagerControlPlane::take(const Answers& answers)
{
    auto view = stream_manager::viewOf(answers, now());
    if (!view)
        return lose(
            {ErrorCode::Internal,
             m_link.address + " answered with something that this program does not understand: " + view.error().message,
             "Check that a Stream Manager 2.0 runs there.",
             {}});
    countVersions(answers, *view);
    m_document = std::move(view->plan);
    m_snapshot = std::make_shared<const Snapshot>(std::move(view->snapshot));
    m_link.lastHeard = m_snapshot->takenAt;
    m_pause.start(pauseMs);
    const QPointer<StreamManagerControlPlane> self(this);
    for (const auto& waiting : std::exchange(m_afterRound, {}))
        waiting();
    if (!self)
        return;
    setLink(LinkState::Connected, {});
    if (self)
        Q_EMIT snapshotChanged();
}

// A document that reads otherwise than before has the next version.
void StreamManagerControlPlane::countVersions(const Answers& answers, stream_manager::View& view)
{
    std::map<std::string, Versioned> present;
    bool isChanged = false;
    for (const json& document : answers.groups) {
        const std::string name = nameOf(document);
        const auto old = m_versions.find(name);
        Versioned versioned{native::write(document), old == m_versions.end() ? 1 : old->second.version};
        if (old == m_versions.end() || old->second.text != versioned.text) {
            isChanged = true;
            versioned.version += old == m_versions.end() ? 0 : 1;
        }
        present[name] = std::move(versioned);
    }
    isChanged = isChanged || present.size() != m_versions.size();
    m_versions = std::move(present);
    m_revision += isChanged ? 1 : 0;
    Snapshot& snapshot = view.snapshot;
    snapshot.sequence = ++m_sequence;
    snapshot.revision = m_revision;
    snapshot.planRevision = m_revision;
    snapshot.deploymentName = m_link.address;
    for (NodeGroupStatus& status : snapshot.nodeGroups)
        status.version = versionOf(status.group.name.value);
    if (!isChanged)
        return;
    StoredPlan plan;
    plan.revision = m_revision;
    for (PlanItem& item : itemsOf(view.plan)) {
        const auto* schedule = std::get_if<Schedule>(&item);
        const std::string document = schedule ? schedule->scope.nodeGroup.value : keyOf(item).id;
        plan.items.push_back({std::move(item), versionOf(document), {}, {}, {}});
    }
    std::ranges::sort(plan.items, {}, [](const StoredPlanItem& stored) { return keyOf(stored.item); });
    m_plan = std::make_shared<const StoredPlan>(std::move(plan));
}

std::uint64_t StreamManagerControlPlane::versionOf(const std::string& document) const
{
    const auto found = m_versions.find(document);
    return found == m_versions.end() ? 0 : found->second.version;
}

void StreamManagerControlPlane::lose(Error error)
{
    ++m_round;
    const bool isSignedOut = error.code == ErrorCode::Unauthenticated;
    if (!isSignedOut)
        m_pause.start(pauseMs);
    const QPointer<StreamManagerControlPlane> self(this);
    for (const auto& waiting : std::exchange(m_afterRound, {}))
        waiting();
    if (self)
        setLink(isSignedOut ? LinkState::SignedOut : LinkState::Lost, std::move(error));
}

void StreamManagerControlPlane::setLink(LinkState state, Error error)
{
    if (m_link.state == state && m_link.error == error)
        return;
    m_link.state = state;
    m_link.error = std::move(error);
    Q_EMIT linkChanged();
}

Result<CommandOutcome> StreamManagerControlPlane::foresee(const CommandRequest& request) const
{
    if (const Ability ability = abilityFor(request.command); !capabilities().has(ability))
        return tl::unexpected(lacking(ability));
    if (!m_snapshot)
        return fail(ErrorCode::Unavailable, m_link.address + " has not been heard yet.", "Try again when it is.");
    if (const auto call = stream_manager::callFor(request, m_document); !call)
        return tl::unexpected(call.error());
    const Subject subject = std::visit(SubjectOf(m_document), request.command);
    const bool isKnown = !subject.before.is_null();
    if (subject.wish == Subject::Wish::Make && isKnown)
        return fail(ErrorCode::AlreadyExists, "There is one of that name already.", "Choose another name.");
    if (subject.wish == Subject::Wish::Change && !isKnown && !subject.document.empty())
        return fail(ErrorCode::NotFound, "It is not there any more.");
    if (request.ifVersion && *request.ifVersion != versionOf(subject.document))
        return changedMeanwhile(subject.document);
    CommandOutcome outcome;
    outcome.isDryRun = request.execution == Execution::DryRun;
    outcome.version = versionOf(subject.document) + (outcome.isDryRun ? 0 : 1);
    outcome.revision = m_revision;
    outcome.changes = native::difference(subject.before, subject.after);
    if (const auto* gone = std::get_if<DeleteNodeGroup>(&request.command))
        countLosses(gone->name, outcome);
    return outcome;
}

tl::unexpected<Error> StreamManagerControlPlane::changedMeanwhile(const std::string& document)
{
    return fail(ErrorCode::VersionMismatch, "Somebody else changed " + document + " at the Stream Manager.",
                "Look at what it is now, then make the change again.");
}

void StreamManagerControlPlane::countLosses(const NodeGroupName& group, CommandOutcome& outcome) const
{
    int nodes = 0;
    for (const NodeStatus& status : m_snapshot->nodes) {
        if (status.node.pool.nodeGroup != group)
            continue;
        ++nodes;
        outcome.viewersAffected += status.load.subscribers;
        outcome.publishersAffected += status.load.publishers;
    }
    outcome.effects.push_back(std::to_string(nodes) + (nodes == 1 ? " node ends." : " nodes end."));
}

void StreamManagerControlPlane::submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done)
{
    auto foreseen = foresee(request);
    if (!foreseen || request.execution == Execution::DryRun)
        return done(std::move(foreseen));
    const std::string document = std::visit(SubjectOf(m_document), request.command).document;
    const auto known = m_versions.find(document);
    if (known == m_versions.end())
        return commit(request, std::move(*foreseen), std::move(done));
    m_session.call(documentCall(document),
                   [this, request = std::move(request), foreseen = std::move(*foreseen), document,
                    text = known->second.text, done = std::move(done)](const Result<HttpAnswer>& answer) {
                       if (!answer)
                           return done(tl::unexpected(answer.error()));
                       if (native::write(answer->body) != text) {
                           poll();
                           return done(changedMeanwhile(document));
                       }
                       commit(request, foreseen, done);
                   });
}

void StreamManagerControlPlane::commit(const CommandRequest& request, CommandOutcome foreseen,
                                       std::function<void(Result<CommandOutcome>)> done)
{
    const auto call = stream_manager::callFor(request, m_document);
    if (!call)
        return done(tl::unexpected(call.error()));
    const std::string document = std::visit(SubjectOf(m_document), request.command).document;
    m_session.call(*call, [this, document, foreseen = std::move(foreseen),
                           done = std::move(done)](const Result<HttpAnswer>& answer) mutable {
        if (!answer)
            return done(tl::unexpected(answer.error()));
        // Told when it can be seen, with the version that it has then.
        m_afterRound.push_back([this, document, foreseen = std::move(foreseen), done = std::move(done)]() mutable {
            foreseen.version = std::max(foreseen.version, versionOf(document));
            foreseen.revision = m_revision;
            done(std::move(foreseen));
        });
        poll();
    });
}

void StreamManagerControlPlane::route(RouteRequest request, std::function<void(Result<std::vector<RouteTarget>>)> done)
{
    m_session.call(get(stream_manager::routePath(request)),
                   [this, group = request.nodeGroup, done = std::move(done)](const Result<HttpAnswer>& answer) {
                       if (!answer)
                           return done(tl::unexpected(answer.error()));
                       done(stream_manager::targetsIn(answer->body, group, m_snapshot ? *m_snapshot : Snapshot()));
                   });
}

void StreamManagerControlPlane::explainRoute(RouteRequest, std::function<void(Result<RouteExplanation>)> done)
{
    done(tl::unexpected(lacking(Ability::ExplainRoutes)));
}

void StreamManagerControlPlane::readAudit(AuditQuery, std::function<void(Result<std::vector<AuditRecord>>)> done)
{
    done(tl::unexpected(lacking(Ability::ReadAudit)));
}

void StreamManagerControlPlane::readMetrics(MetricQuery, std::function<void(Result<std::vector<MetricSeries>>)> done)
{
    done(tl::unexpected(lacking(Ability::ReadMetrics)));
}

void StreamManagerControlPlane::readStream(StreamQuery, std::function<void(Result<StreamDetails>)> done)
{
    done(tl::unexpected(lacking(Ability::ReadStreamDetails)));
}

void StreamManagerControlPlane::readThumbnail(ThumbnailQuery, std::function<void(Result<Thumbnail>)> done)
{
    done(tl::unexpected(lacking(Ability::ReadStreamDetails)));
}

void StreamManagerControlPlane::readPlan(std::function<void(Result<StoredPlanPtr>)> done)
{
    done(m_plan);
}

void StreamManagerControlPlane::readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done)
{
    struct Reading
    {
        std::vector<NodeGroupName> groups;
        std::size_t open = 0;
        std::optional<Error> error;
        std::shared_ptr<StoredProvisions> found = std::make_shared<StoredProvisions>();
    };
    const auto reading = std::make_shared<Reading>();
    for (const NodeGroupStatus& status : m_snapshot ? m_snapshot->nodeGroups : std::vector<NodeGroupStatus>())
        reading->groups.push_back(status.group.name);
    reading->open = reading->groups.size();
    if (reading->open == 0)
        return done(StoredProvisionsPtr(reading->found));
    for (const NodeGroupName& group : reading->groups) {
        const std::string target = "/as/v1/streams/provision/" + native::percentEncoded(group.value);
        m_session.call(get(target), [reading, group, done](const Result<HttpAnswer>& answer) {
            if (!answer && !isMissing(answer.error()))
                reading->error = answer.error();
            for (StoredProvision& each : answer ? provisionsIn(answer->body, group) : StoredProvisions())
                reading->found->push_back(std::move(each));
            if (--reading->open > 0)
                return;
            std::ranges::sort(*reading->found, {}, &StoredProvision::key);
            done(reading->error ? Result<StoredProvisionsPtr>(tl::unexpected(*reading->error))
                                : StoredProvisionsPtr(reading->found));
        });
    }
}

void StreamManagerControlPlane::readUsage(UsageQuery, std::function<void(Result<UsageReport>)> done)
{
    done(tl::unexpected(lacking(Ability::ReadUsage)));
}

Result<native::ShellLines> StreamManagerControlPlane::asCommand(const CommandRequest& request,
                                                                const std::string& server) const
{
    return native::streamManagerLines(request, m_document, server);
}

std::unique_ptr<ControlPlane> makeStreamManagerControlPlane(StreamManagerLogin login)
{
    return std::make_unique<StreamManagerControlPlane>(std::move(login));
}

}  // namespace headgate
