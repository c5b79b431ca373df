#include "core/wire/stream_manager_operations.h"

#include <algorithm>
#include <array>
#include <string>

namespace headgate::stream_manager {

namespace {

using Json = nlohmann::json;
using enum Sign;

constexpr std::string_view choice = "subgroup:string region:string strict:boolean endpoints:integer";

constexpr std::string_view signalling =
    "host:string nodeGroup:string subgroup:string region:string strict:boolean requestId:string";

constexpr std::string_view signallingOver =
    "id:string host:string nodeGroup:string subgroup:string region:string strict:boolean";

constexpr std::array all = std::to_array<Operation>({
    {"auth", "put", "/as/v1/auth/login", "Sign in with Basic authentication", "Session", {}, {}, 200, Basic},
    {"auth", "post", "/as/v1/auth/login", "Sign in with a document", "Session", {}, "Credentials", 200, None},
    {"auth", "get", "/as/v1/auth/healthz", "Whether the service is up", "Health", {}, {}, 200, None},

    {"admin", "get", "/as/v1/admin/healthz", "Whether the service is up", "Health", {}, {}, 200, None},
    {"admin", "get", "/as/v1/admin/nodegroup", "Names of the active node groups", "string[]"},
    {"admin", "post", "/as/v1/admin/nodegroup", "Create a node group or an overlay", "", "dryRun:boolean",
     "NodeGroupConfig"},
    {"admin", "put", "/as/v1/admin/nodegroup", "Replace the node group or overlay that the document names", "",
     "dryRun:boolean", "NodeGroupConfig"},
    {"admin", "get", "/as/v1/admin/nodegroup/{nodeGroup}", "Read a node group", "NodeGroupConfig",
     "isEffective:boolean"},
    {"admin", "delete", "/as/v1/admin/nodegroup/{nodeGroup}", "Delete a node group with its nodes", "",
     "dryRun:boolean"},
    {"admin", "put", "/as/v1/admin/nodegroup/{nodeGroup}/pause", "Pause scaling, or resume it", "", "resume:boolean"},
    {"admin", "post", "/as/v1/admin/nodegroup/{nodeGroup}/{subGroup}/{role}/manualscale",
     "Set the number of nodes of a manual role", "", "nodeCount:integer!"},
    {"admin", "put", "/as/v1/admin/nodegroup/{nodeGroup}/{nodeId}/manualscale",
     "Move a node of a manual role to another state", "", "currentState:string! desiredState:string!"},
    {"admin", "get", "/as/v1/admin/nodegroup/{nodeGroup}/idle", "For how long nobody published or watched", "IdleTime"},
    {"admin", "get", "/as/v1/admin/nodegroup/status/{nodeGroup}", "Nodes and their states", "NodeStatus[]",
     "subGroup:string role:string state:string metrics:boolean includeNode:boolean includeScaling:boolean"},
    {"admin", "get", "/as/v1/admin/nodegroup/scheduled", "Names of what runs by schedule", "string[]"},
    {"admin", "get", "/as/v1/admin/nodegroup/scheduled/{nodeGroup}", "Names of a group's overlays", "string[]"},
    {"admin",
     "post",
     "/as/v1/admin/evaluate/capacity",
     "Evaluate a capacity expression",
     "CapacityResult",
     {},
     "CapacityEvaluation"},
    {"admin",
     "post",
     "/as/v1/admin/evaluate/capacity/{nodeGroup}/{nodeId}",
     "Evaluate it with a node's figures",
     "CapacityResult",
     {},
     "text"},
    {"admin",
     "post",
     "/as/v1/admin/evaluate/scale",
     "Evaluate a scale expression",
     "ScaleResult",
     {},
     "ScaleEvaluation"},
    {"admin",
     "post",
     "/as/v1/admin/evaluate/scale/{nodeGroup}/{subGroup}/{role}",
     "Evaluate it with a pool's figures",
     "ScaleResult",
     {},
     "text"},
    {"admin", "get", "/as/v1/admin/terraform/image", "Images by platform and region", "object"},
    {"admin", "get", "/as/v1/admin/terraform/instanceType", "Instance types by platform", "object"},
    {"admin", "get", "/as/v1/admin/terraform/node", "Nodes by platform and region", "object"},
    {"admin", "get", "/as/v1/admin/terraform/region", "Regions by platform", "object"},
    {"admin", "get", "/as/v1/admin/terraform/node/events/{nodeGroup}", "What became of the group's nodes", "object"},
    {"admin", "get", "/as/v1/admin/terraform/events/{nodeGroup}", "The same", "object"},
    {"admin", "get", "/as/v1/admin/terraform/updateInfo", "Look for images, types, nodes or regions again", "",
     "which:string!"},
    {"admin", "get", "/as/v1/admin/rtcproxy", "Proxied sessions", "object"},
    {"admin", "delete", "/as/v1/admin/rtcproxy/{session}", "End a proxied session", ""},
    {"admin", "get", "/as/v1/nodegroups", "Node groups with their counts", "object[]"},
    {"admin", "get", "/as/v1/nodegroups/{nodeGroup}", "A node group with its nodes", "object"},

    {"streams", "get", "/as/v1/streams/stream/healthz", "Whether the service is up", "Health", {}, {}, 200, None},
    {"streams",
     "get",
     "/as/v1/streams/stream/{nodeGroup}",
     "Live streams",
     "StreamLocation[]",
     "stats:boolean aggregate:boolean",
     {},
     200,
     None},
    {"streams",
     "get",
     "/as/v1/streams/stream/{nodeGroup}/stream/{streamGuid}",
     "Where a stream is",
     "StreamLocation[]",
     "aggregate:boolean",
     {},
     200,
     None},
    {"streams",
     "get",
     "/as/v1/streams/stream/{nodeGroup}/publish/{streamGuid}",
     "Where to publish",
     "StreamLocation[]",
     "subgroup:string region:string strict:boolean endpoints:integer transcode:boolean restream:boolean "
     "distribute:boolean",
     {},
     200,
     None},
    {"streams",
     "get",
     "/as/v1/streams/stream/{nodeGroup}/subscribe/{streamGuid}",
     "Where to watch",
     "StreamLocation[]",
     choice,
     {},
     200,
     None},
    {"streams", "get", "/as/v1/streams", "Live streams of all groups", "object[]"},
    {"streams", "get", "/as/v1/streams/{scope}/{name}/publish", "Where to publish, in the plain form", "PlainLocation",
     "nodeGroup:string"},
    {"streams", "get", "/as/v1/streams/{scope}/{name}/subscribe", "Where to watch, in the plain form", "PlainLocation",
     "nodeGroup:string"},
    {"streams", "post", "/as/v1/streams/provision/{nodeGroup}", "Create provisions", "", "dryRun:boolean",
     "Provision[]", 201},
    {"streams", "get", "/as/v1/streams/provision/{nodeGroup}", "Provisions of a group", "Provision[]"},
    {"streams", "put", "/as/v1/streams/provision/{nodeGroup}", "Replace provisions that are not distributed", "",
     "dryRun:boolean", "Provision[]"},
    {"streams", "get", "/as/v1/streams/provision/{nodeGroup}/{provisionGuid}",
     "Read a provision, or with status where its streams are", "Provision", "status:boolean"},
    {"streams", "delete", "/as/v1/streams/provision/{nodeGroup}/{provisionGuid}", "Delete a provision", "",
     "dryRun:boolean"},
    {"streams", "post", "/as/v1/streams/provision/{nodeGroup}/distribute/{provisionGuid}",
     "Tell the nodes of a provision", "StreamLocation[]",
     "subgroup:string strict:boolean endpoints:integer capabilities:string"},
    {"streams", "get", "/as/v1/streams/mixer/{nodeGroup}", "Mixer events", "object"},
    {"streams", "get", "/as/v1/streams/mixer/{nodeGroup}/{eventId}", "Render trees of an event", "object[]"},
    {"streams", "delete", "/as/v1/streams/mixer/{nodeGroup}/{eventId}", "End an event", "object"},
    {"streams", "get", "/as/v1/streams/images", "Images of a mixer", "object[]", "host:string!"},
    {"streams",
     "get",
     "/as/v1/proxy/forward/",
     "Pass a request on to a node",
     "object",
     "target:string! nodegroup:string digestAction:string",
     {},
     200,
     None},
    {"streams", "post", "/as/v1/proxy/forward/",
     "Push a stream to social media, pull one, or pass a request on to a node", "object",
     "target:string! nodegroup:string digestAction:string", "object", 200, None},
    {"streams",
     "options",
     "/as/v1/proxy/whip/{scope}/{name}",
     "Choose a node to publish by WHIP: Session-Host",
     "",
     signalling,
     {},
     204,
     None},
    {"streams",
     "post",
     "/as/v1/proxy/whip/{scope}/{name}",
     "Offer a session to publish by WHIP",
     "",
     signalling,
     {},
     201,
     None},
    {"streams",
     "patch",
     "/as/v1/proxy/whip/{scope}/{name}/{session}",
     "Change a session",
     "",
     "host:string!",
     {},
     204,
     None},
    {"streams",
     "delete",
     "/as/v1/proxy/whip/{scope}/{name}/{session}",
     "End a session",
     "",
     "host:string!",
     {},
     200,
     None},
    {"streams",
     "options",
     "/as/v1/proxy/whep/{scope}/{name}",
     "Choose a node to watch by WHEP: Session-Host",
     "",
     signalling,
     {},
     204,
     None},
    {"streams",
     "post",
     "/as/v1/proxy/whep/{scope}/{name}",
     "Offer a session to watch by WHEP",
     "",
     signalling,
     {},
     201,
     None},
    {"streams",
     "patch",
     "/as/v1/proxy/whep/{scope}/{name}/{session}",
     "Change a session",
     "",
     "host:string!",
     {},
     204,
     None},
    {"streams",
     "delete",
     "/as/v1/proxy/whep/{scope}/{name}/{session}",
     "End a session",
     "",
     "host:string!",
     {},
     200,
     None},

    {"streams",
     "get",
     "/as/v1/proxy/ws/publish/{scope}/{name}",
     "Signal over a WebSocket to publish",
     "",
     signallingOver,
     {},
     101,
     None},
    {"streams",
     "get",
     "/as/v1/proxy/ws/subscribe/{scope}/{name}",
     "Signal over a WebSocket to watch",
     "",
     signallingOver,
     {},
     101,
     None},

    {"autoscale", "get", "/as/v1/autoscale/healthz", "Whether the service is up", "Health", {}, {}, 200, None},
});

Json text()
{
    return {{"type", "string"}};
}

Json typeOf(std::string_view name)
{
    if (name.ends_with("[]"))
        return {{"type", "array"}, {"items", typeOf(name.substr(0, name.size() - 2))}};
    if (name == "string" || name == "integer" || name == "boolean" || name == "object")
        return {{"type", name}};
    return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

// What the dialect keeps of unknown members stands beside these.
Json objectOf(std::initializer_list<std::pair<const char*, Json>> members)
{
    Json properties = Json::object();
    for (const auto& [name, type] : members)
        properties[name] = type;
    return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", true}};
}

Json schemas()
{
    const Json number = {{"type", "number"}}, whole = {{"type", "integer"}}, flag = {{"type", "boolean"}};
    const Json object = {{"type", "object"}}, list = {{"type", "array"}, {"items", object}};
    return {
        {"Error", objectOf({{"error", text()}, {"errorMessage", text()}, {"message", text()}, {"status", whole}})},
        {"Health", objectOf({{"status", text()}})},
        {"Credentials", objectOf({{"username", text()}, {"password", text()}})},
        {"Session",
         objectOf({{"token", text()}, {"accessToken", text()}, {"tokenType", text()}, {"expiresIn", whole}})},
        {"NodeGroupConfig", objectOf({{"name", text()},
                                      {"description", text()},
                                      {"isScalingPaused", flag},
                                      {"cloudPlatform", text()},
                                      {"cloudProperties", text()},
                                      {"maxPublishers", whole},
                                      {"maxSubscribers", whole},
                                      {"shuffleSizeExpression", text()},
                                      {"baseNodeGroupName", text()},
                                      {"schedules", object},
                                      {"images", object},
                                      {"roles", object},
                                      {"groups", object}})},
        {"NodeStatus", objectOf({{"nodeEvent", object}, {"scalingEvent", object}})},
        {"IdleTime", objectOf({{"lastPubSubMs", whole}})},
        {"CapacityEvaluation", objectOf({{"expression", text()}, {"metrics", list}})},
        {"ScaleEvaluation", objectOf({{"expression", text()}, {"metrics", object}})},
        {"CapacityResult", objectOf({{"doubleResult", number}, {"integerResult", whole}, {"shown", text()}})},
        {"ScaleResult", objectOf({{"result", flag}, {"shown", text()}})},
        {"StreamLocation", objectOf({{"streamGuid", text()},
                                     {"serverAddress", text()},
                                     {"nodeRole", text()},
                                     {"subGroup", text()},
                                     {"nodeState", text()},
                                     {"subscribers", whole},
                                     {"durationMs", whole},
                                     {"state", text()},
                                     {"reason", text()}})},
        {"Provision", objectOf({{"provisionGuid", text()},
                                {"capabilities", {{"type", "array"}, {"items", text()}}},
                                {"credentials", object},
                                {"streams", list}})},
        {"PlainLocation",
         objectOf(
             {{"serverAddress", text()}, {"scope", text()}, {"name", text()}, {"port", whole}, {"protocol", text()}})}};
}

Json content(const char* type, Json schema)
{
    return {{"content", {{type, {{"schema", std::move(schema)}}}}}};
}

void appendPathParameters(Json& parameters, std::string_view path)
{
    for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
        const std::string_view name = path.substr(open + 1, path.find('}', open) - open - 1);
        parameters.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", text()}});
    }
}

void appendQueryParameters(Json& parameters, std::string_view query)
{
    while (!query.empty()) {
        std::string_view one = query.substr(0, query.find(' '));
        query.remove_prefix(std::min(query.size(), one.size() + 1));
        const bool isRequired = one.ends_with('!');
        if (isRequired)
            one.remove_suffix(1);
        const auto colon = one.find(':');
        parameters.push_back({{"name", one.substr(0, colon)},
                              {"in", "query"},
                              {"required", isRequired},
                              {"schema", typeOf(one.substr(colon + 1))}});
    }
}

Json describe(const Operation& operation)
{
    Json parameters = Json::array();
    appendPathParameters(parameters, operation.path);
    appendQueryParameters(parameters, operation.query);
    Json success = operation.answer.empty() ? Json::object() : content("application/json", typeOf(operation.answer));
    success["description"] = operation.answer.empty() ? "Done; the answer has no body" : "The answer";
    Json failure = content("application/json", typeOf("Error"));
    failure["description"] = "What is wrong";
    Json json = {{"summary", operation.summary},
                 {"tags", {operation.service}},
                 {"parameters", std::move(parameters)},
                 {"responses", {{std::to_string(operation.status), success}, {"default", failure}}},
                 {"security", Json::array()}};
    if (operation.sign != None)
        json["security"].push_back({{operation.sign == Basic ? "basic" : "bearer", Json::array()}});
    if (!operation.body.empty())
        json["requestBody"] = operation.body == "text" ? content("text/plain", text())
                                                       : content("application/json", typeOf(operation.body));
    return json;
}

}  // namespace

std::span<const Operation> operations()
{
    return all;
}

Json apiDocument(std::string_view service)
{
    Json paths = Json::object();
    for (const Operation& operation : all) {
        if (operation.service == service)
            paths[std::string(operation.path)][std::string(operation.method)] = describe(operation);
    }
    if (paths.empty())
        return nullptr;
    return {{"openapi", "3.0.1"},
            {"info", {{"title", "Stream Manager 2.0: " + std::string(service)}, {"version", "v1"}}},
            {"servers", Json::array({{{"url", "/"}}})},
            {"paths", std::move(paths)},
            {"components",
             {{"schemas", schemas()},
              {"securitySchemes",
               {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}},
                {"basic", {{"type", "http"}, {"scheme", "basic"}}}}}}}};
}

}  // namespace headgate::stream_manager
