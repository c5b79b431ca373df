#include "core/wire/stream_manager_view.h"

#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace headgate::stream_manager {
namespace {

const Json& memberOf(const Json& object, const char* name)
{
    static const Json none;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() ? *found : none;
}

std::string textOf(const Json& object, const char* name)
{
    const Json& value = memberOf(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

// Numbers come as text too.
std::int64_t numberOf(const Json& object, const char* name)
{
    const Json& value = memberOf(object, name);
    if (value.is_number())
        return static_cast<std::int64_t>(value.get<double>());
    const std::string text = textOf(object, name);
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool holdsCapability(const NodeGroup& group, const std::string& roleName, Capability capability)
{
    const Role* role = group.findRole(roleName);
    return role ? role->capabilities.contains(capability) : roleName == "origin" && capability == Capability::Publish;
}

bool isEnding(NodeState state)
{
    return state >= NodeState::SoftSunset;
}

class ViewMaker
{
public:
    ViewMaker(const Answers& answers, TimePoint now) : m_answers(answers) { m_view.snapshot.takenAt = now; }

    Result<View> make()
    {
        if (!m_answers.groups.empty()) {
            auto placed = planDocumentFromJson(Json(m_answers.groups));
            if (!placed)
                return tl::unexpected(std::move(placed.error()));
            m_view.plan = std::move(*placed);
        }
        std::ranges::sort(m_view.plan.nodeGroups, {}, &NodeGroup::name);
        for (const NodeGroup& group : m_view.plan.nodeGroups)
            addGroup(group);
        std::ranges::sort(snapshot().nodes, {}, [](const NodeStatus& status) { return status.node.id; });
        for (const NodeGroup& group : m_view.plan.nodeGroups)
            addStreams(group);
        for (const Region& region : builtInRegions())
            snapshot().regions.push_back({region, 0});
        std::ranges::sort(snapshot().regions, {}, [](const RegionStatus& status) { return status.region.name; });
        addImages();
        countTotals();
        return std::move(m_view);
    }

private:
    Snapshot& snapshot() { return m_view.snapshot; }

    void addGroup(const NodeGroup& group)
    {
        NodeGroupStatus status;
        status.group = group;
        const bool isActive = m_answers.activeGroups.contains(group.name.value);
        const std::vector<Pool> pools = poolsOf(group);
        for (const Pool& pool : pools) {
            PoolStatus figures;
            figures.key = pool.key;
            figures.region = pool.region;
            figures.isActive = isActive;
            figures.min = pool.rule.min;
            figures.max = pool.rule.max;
            status.pools.push_back(std::move(figures));
        }
        const auto nodes = m_answers.nodes.find(group.name.value);
        if (nodes != m_answers.nodes.end() && nodes->second.is_array()) {
            for (const Json& each : nodes->second)
                addNode(each, group, status);
        }
        for (PoolStatus& pool : status.pools)
            pool.wanted = isActive ? std::max(pool.min, pool.ready + pool.warming + pool.unwell) : 0;
        const auto lacks = [](const PoolStatus& pool) { return pool.ready < pool.wanted; };
        const bool hasNodes = std::ranges::any_of(
            status.pools, [](const PoolStatus& pool) { return pool.ready + pool.warming + pool.draining > 0; });
        if (!isActive)
            status.activity = hasNodes ? GroupActivity::Deactivating : GroupActivity::Inactive;
        else
            status.activity =
                std::ranges::any_of(status.pools, lacks) ? GroupActivity::Activating : GroupActivity::Active;
        snapshot().nodeGroups.push_back(std::move(status));
    }

    void addNode(const Json& entry, const NodeGroup& group, NodeGroupStatus& status)
    {
        const Json& scaling = memberOf(entry, "scalingEvent");
        const Json& event = memberOf(entry, "nodeEvent");
        const Json& names = scaling.is_object() ? scaling : event;
        NodeStatus made;
        Node& node = made.node;
        node.id = NodeId(textOf(names, "nodeId"));
        if (node.id.value.empty())
            return;
        node.pool = {group.name, textOf(names, "subGroupName"), textOf(names, "nodeRoleName")};
        const std::string word = scaling.is_object() ? textOf(scaling, "state") : "INSERVICE";
        node.state = nodeStateFromWord(word);
        node.health = word == "FAULT" ? NodeHealth::Dead : NodeHealth::Healthy;
        if (node.health == NodeHealth::Dead)
            node.failure = "The Stream Manager takes it for faulty.";
        node.stateSince = fromEpochMs(numberOf(scaling, "timestamp"));
        node.createdAt = node.stateSince;
        node.endpoints.address = textOf(event, "publicIp");
        if (node.endpoints.address.empty())
            node.endpoints.address = textOf(event, "privateIp");
        made.lastHeard = fromEpochMs(numberOf(event, "timestamp"));
        made.load.publishers = static_cast<int>(numberOf(event, "publisherCount"));
        made.load.subscribers = static_cast<int>(numberOf(event, "subscriberCount"));
        const auto pool = std::ranges::find(status.pools, node.pool, &PoolStatus::key);
        if (pool != status.pools.end()) {
            node.region = pool->region;
            count(node, *pool);
        }
        if (const Role* role = group.findRole(node.pool.role)) {
            const NodeImage* image = group.findImage(role->imageName);
            node.imageName = image ? image->image : role->imageName;
        }
        snapshot().nodes.push_back(std::move(made));
    }

    static void count(const Node& node, PoolStatus& pool)
    {
        if (node.health != NodeHealth::Healthy)
            ++pool.unwell;
        else if (node.state == NodeState::InService)
            ++pool.ready;
        else if (isEnding(node.state))
            ++pool.draining;
        else
            ++pool.warming;
    }

    void addStreams(const NodeGroup& group)
    {
        const auto list = m_answers.streams.find(group.name.value);
        if (list == m_answers.streams.end() || !list->second.is_array())
            return;
        std::map<StreamKey, StreamStatus> streams;
        for (const Json& entry : list->second) {
            const auto key = StreamKey::parse(textOf(entry, "streamGuid"));
            if (!key)
                continue;
            StreamStatus& status = streams[*key];
            status.nodeGroup = group.name;
            status.ingest.key = *key;
            addPlace(entry, group, status);
        }
        for (auto& [key, status] : streams) {
            std::ranges::sort(status.hops, {}, &StreamHop::node);
            snapshot().streams.push_back(std::move(status));
        }
        std::ranges::sort(snapshot().streams, {},
                          [](const StreamStatus& status) { return std::pair(status.nodeGroup, status.ingest.key); });
    }

    void addPlace(const Json& entry, const NodeGroup& group, StreamStatus& status)
    {
        const NodeId node = nodeAt(textOf(entry, "serverAddress"), group.name, snapshot());
        const int viewers = static_cast<int>(numberOf(entry, "subscribers"));
        status.viewers += viewers;
        if (!holdsCapability(group, textOf(entry, "nodeRole"), Capability::Publish)) {
            status.hops.push_back({node, {}, viewers, 0});
            return;
        }
        status.origin = node;
        status.ingest.isPublishedHere = true;
        status.ingest.viewers = viewers;
        const std::int64_t lasts = numberOf(entry, "durationMs");
        if (lasts > 0)
            status.ingest.startedAt = snapshot().takenAt - Duration(lasts);
    }

public:
    static NodeId nodeAt(const std::string& address, const NodeGroupName& group, const Snapshot& snapshot)
    {
        const auto found = std::ranges::find_if(snapshot.nodes, [&](const NodeStatus& status) {
            return status.node.endpoints.address == address && status.node.pool.nodeGroup == group;
        });
        return found == snapshot.nodes.end() ? NodeId() : found->node.id;
    }

private:
    // Those that groups name: a Stream Manager has no records of images.
    void addImages()
    {
        std::map<std::string, NodeImageStatus> images;
        for (const NodeGroup& group : m_view.plan.nodeGroups) {
            for (const NodeImage& image : group.images) {
                NodeImageStatus& status = images[image.image];
                status.record.name = image.image;
                std::vector<std::string> roles;
                for (const Role& role : group.roles) {
                    if (role.imageName == image.name)
                        roles.push_back(role.name);
                }
                status.uses.push_back({group.name, image.name, std::move(roles), 0});
            }
        }
        for (auto& [name, status] : images)
            snapshot().nodeImages.push_back(std::move(status));
    }

    void countTotals()
    {
        ClusterTotals& totals = snapshot().totals;
        totals.streams = static_cast<int>(snapshot().streams.size());
        for (const NodeStatus& status : snapshot().nodes) {
            totals.viewers += status.load.subscribers;
            totals.publishers += status.load.publishers;
        }
    }

    const Answers& m_answers;
    View m_view;
};

ErrorCode codeOf(int httpStatus)
{
    switch (httpStatus) {
    case 400:
    case 422:
        return ErrorCode::InvalidArgument;
    case 401:
        return ErrorCode::Unauthenticated;
    case 403:
        return ErrorCode::PermissionDenied;
    case 404:
        return ErrorCode::NotFound;
    case 409:
        return ErrorCode::AlreadyExists;
    case 405:
    case 501:
        return ErrorCode::Unsupported;
    case 429:
        return ErrorCode::ResourceExhausted;
    case 502:
    case 503:
    case 504:
        return ErrorCode::Unavailable;
    default:
        return ErrorCode::Internal;
    }
}

}  // namespace

Result<View> viewOf(const Answers& answers, TimePoint now)
{
    return ViewMaker(answers, now).make();
}

std::vector<RouteTarget> targetsIn(const Json& list, const NodeGroupName& group, const Snapshot& view)
{
    std::vector<RouteTarget> targets;
    for (const Json& entry : list.is_array() ? list : Json::array({list})) {
        RouteTarget target;
        target.endpoints.address = textOf(entry, "serverAddress");
        if (target.endpoints.address.empty())
            continue;
        target.node = ViewMaker::nodeAt(target.endpoints.address, group, view);
        target.pool = {group, textOf(entry, "subGroup"), textOf(entry, "nodeRole")};
        target.state = nodeStateFromWord(textOf(entry, "nodeState"));
        target.subscribers = static_cast<int>(numberOf(entry, "subscribers"));
        targets.push_back(std::move(target));
    }
    return targets;
}

Error errorOf(const Json& body, int httpStatus)
{
    std::string reason;
    for (const char* name : {"errorMessage", "error", "message", "detail"}) {
        if (reason.empty())
            reason = textOf(body, name);
    }
    if (reason.empty())
        reason = "The Stream Manager answered " + std::to_string(httpStatus) + " without a reason.";
    return {codeOf(httpStatus), std::move(reason), {}, {}};
}

NodeState nodeStateFromWord(const std::string& word)
{
    for (int i = 0; i <= static_cast<int>(NodeState::Destroying); ++i) {
        if (native::toWord(static_cast<NodeState>(i)) == word)
            return static_cast<NodeState>(i);
    }
    if (word == "FAULT")
        return NodeState::InService;
    if (word == "SUNSET")
        return NodeState::SoftSunset;
    return word == "DOOMED" ? NodeState::DestructionRequested : NodeState::Requested;
}

}  // namespace headgate::stream_manager
