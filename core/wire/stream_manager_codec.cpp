#include "core/wire/stream_manager_codec.h"

#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_overrides.h"

namespace headgate::stream_manager {
namespace {

void putText(Json& object, const char* name, const std::string& text)
{
    if (!text.empty())
        object[name] = text;
}

// What the document held beyond our own members goes back to where it stood.
void putExtensions(Json& object, const Extensions& extensions)
{
    if (extensions.empty())
        return;
    const Json rest = Json::parse(extensions, nullptr, false);
    HG_CHECK(rest.is_object());
    for (auto member = rest.begin(); member != rest.end(); ++member)
        object.emplace(member.key(), *member);
}

std::string_view word(ParentCardinality cardinality)
{
    switch (cardinality) {
    case ParentCardinality::Global:
        return "GLOBAL";
    case ParentCardinality::Subgroup:
        return "SUBGROUP";
    case ParentCardinality::AutoGroup:
        return "AUTOGROUP";
    }
    unreachable();
}

std::string_view word(Capability capability)
{
    switch (capability) {
    case Capability::Publish:
        return "PUBLISH";
    case Capability::Subscribe:
        return "SUBSCRIBE";
    case Capability::Transcode:
        return "TRANSCODE";
    case Capability::Mix:
        return "MIX";
    case Capability::Other:
        return {};
    }
    unreachable();
}

Json capabilities(const Role& role)
{
    Json words = Json::array();
    for (const Capability capability : role.capabilities) {
        if (capability != Capability::Other)
            words.push_back(word(capability));
    }
    const Json rest = Json::parse(role.extensions.empty() ? "{}" : role.extensions, nullptr, false);
    if (role.can(Capability::Other) && rest.contains("capabilities") && rest["capabilities"].is_array()) {
        for (const Json& unknown : rest["capabilities"])
            words.push_back(unknown);
    }
    return words;
}

Json imageJson(const NodeImage& image)
{
    Json json = {{"name", image.name}, {"image", image.image}};
    putText(json, "cloudProperties", image.cloudProperties);
    if (!image.tags.empty())
        json["tags"] = image.tags;
    putExtensions(json, image.extensions);
    return json;
}

Json roleJson(const Role& role)
{
    Json json = {{"name", role.name},
                 {"imageName", role.imageName},
                 {"capabilities", capabilities(role)},
                 {"lifecycle", role.lifecycle == RoleLifecycle::Manual ? "MANUAL" : "AUTO"}};
    putText(json, "parentRoleName", role.parentRoleName);
    if (!role.parentRoleName.empty() || role.parentCardinality != ParentCardinality::Global)
        json["parentCardinality"] = word(role.parentCardinality);
    putExtensions(json, role.extensions);
    return json;
}

Json ruleJson(const ScaleRule& rule, const Subgroup& subgroup, const NodeGroup& group)
{
    Json json = {{"nodeGroupName", group.name.value},
                 {"subGroupName", subgroup.name},
                 {"nodeRoleName", rule.roleName},
                 {"min", rule.min},
                 {"max", rule.max},
                 {"increment", rule.increment}};
    putText(json, "outExpression", rule.outExpression);
    putText(json, "inExpression", rule.inExpression);
    putText(json, "capacityRankingExpression", rule.capacityRankingExpression);
    putText(json, "capacityLimitExpression", rule.capacityLimitExpression);
    if (rule.load)
        json[ownMember]["load"] = native::toJson(*rule.load);
    putExtensions(json, rule.extensions);
    return json;
}

Json subgroupJson(const Subgroup& subgroup, const NodeGroup& group)
{
    Json json = {{"nodeGroupName", group.name.value}, {"subGroupName", subgroup.name}};
    putText(json, "groupType", subgroup.groupType);
    putText(json, "cloudProperties", subgroup.cloudProperties);
    for (const Subgroup& child : subgroup.children)
        json["childGroups"].push_back(subgroupJson(child, group));
    for (const ScaleRule& rule : subgroup.rules)
        json["rulesByRole"][rule.roleName] = ruleJson(rule, subgroup, group);
    putExtensions(json, subgroup.extensions);
    return json;
}

// What this dialect has no words for stands under one member of its own, which its clients send back as it is.
void putOwnSettings(Json& json, const NodeGroup& group)
{
    if (group.media != MediaSettings())
        json[ownMember]["media"] = native::toJson(group.media);
    if (group.access != accessOfOverrides(group.extensions))
        json[ownMember]["access"] = native::toJson(group.access);
    if (group.recording != recordingOfOverrides(group.extensions))
        json[ownMember]["recording"] = native::toJson(group.recording);
    if (!group.iceServers.empty())
        json[ownMember]["iceServers"] = native::toJson(group.iceServers);
    if (group.whenFull != WhenFull::Refuse)
        json[ownMember]["whenFull"] = native::toWord(group.whenFull);
    if (group.publicRouting != PublicRouting::AtLoopback)
        json[ownMember]["publicRouting"] = native::toWord(group.publicRouting);
}

}  // namespace

Json toJson(const NodeGroup& group)
{
    Json json = {{"name", group.name.value},
                 {"cloudPlatform", group.cloudPlatform},
                 {"isScalingPaused", group.isScalingPaused},
                 {"images", Json::object()},
                 {"roles", Json::object()},
                 {"groups", Json::object()}};
    putText(json, "description", group.description);
    putText(json, "cloudProperties", group.cloudProperties);
    putText(json, "shuffleSizeExpression", group.shuffleSizeExpression);
    if (group.maxPublishers)
        json["maxPublishers"] = *group.maxPublishers;
    if (group.maxSubscribers)
        json["maxSubscribers"] = *group.maxSubscribers;
    for (const NodeImage& image : group.images)
        json["images"][image.name] = imageJson(image);
    for (const Role& role : group.roles)
        json["roles"][role.name] = roleJson(role);
    for (const Subgroup& subgroup : group.subgroups)
        json["groups"][subgroup.name] = subgroupJson(subgroup, group);
    putOwnSettings(json, group);
    putExtensions(json, group.extensions);
    return json;
}

Json nodeStatusToJson(const NodeStatus& status, const NodeGroupStatus& group)
{
    const Node& node = status.node;
    const Json names = {{"nodeGroupName", group.group.name.value},
                        {"subGroupName", node.pool.subgroup},
                        {"nodeRoleName", node.pool.role},
                        {"nodeId", node.id.value}};
    Json scaling = names;
    scaling["state"] = stateWord(node.state, node.health);
    scaling["timestamp"] = toEpochMs(node.stateSince);

    Json event;
    if (status.lastHeard != TimePoint()) {
        event = names;
        event["publicIp"] = node.endpoints.address;
        event["privateIp"] = node.endpoints.address;
        event["parents"] = Json::array();
        event["clientCount"] = status.load.publishers + status.load.subscribers;
        event["publisherCount"] = status.load.publishers;
        event["subscriberCount"] = status.load.subscribers;
        event["restreamerCount"] = 0;
        event["postProcessorCount"] = 0;
        event["timestamp"] = toEpochMs(status.lastHeard);
    }
    return {{"nodeEvent", std::move(event)}, {"scalingEvent", std::move(scaling)}};
}

Json streamLocation(const RouteTarget& target, const StreamKey& stream)
{
    return {{"streamGuid", stream.path()},
            {"serverAddress", target.endpoints.address},
            {"nodeRole", target.pool.role},
            {"subGroup", target.pool.subgroup},
            {"nodeState", native::toWord(target.state)},
            {"subscribers", target.subscribers}};
}

// Members in the order in which Json writes them.
std::string streamLocationsText(const std::vector<RouteTarget>& targets, const StreamKey& stream)
{
    std::string text = "[";
    text.reserve(targets.size() * 192 + 2);
    for (const RouteTarget& target : targets) {
        text += text.size() > 1 ? ",{\"nodeRole\":" : "{\"nodeRole\":";
        native::appendQuoted(text, target.pool.role);
        text += ",\"nodeState\":";
        native::appendQuoted(text, native::toWord(target.state));
        text += ",\"serverAddress\":";
        native::appendQuoted(text, target.endpoints.address);
        text += ",\"streamGuid\":";
        native::appendQuoted(text, stream.path());
        text += ",\"subGroup\":";
        native::appendQuoted(text, target.pool.subgroup);
        text.append(",\"subscribers\":").append(std::to_string(target.subscribers)).append("}");
    }
    text += "]";
    return text;
}

std::string stateWord(NodeState state, NodeHealth health)
{
    switch (health) {
    case NodeHealth::Dead:
    case NodeHealth::Quarantined:
        return "FAULT";
    case NodeHealth::Healthy:
    case NodeHealth::Suspect:
    case NodeHealth::Partitioned:
        return std::string(native::toWord(state));
    }
    unreachable();
}

Json errorBody(const Error& error, int httpStatus)
{
    const std::string text = error.remedy.empty() ? error.message : error.message + " " + error.remedy;
    return {{"error", text}, {"errorMessage", text}, {"message", text}, {"status", httpStatus}};
}

}  // namespace headgate::stream_manager
