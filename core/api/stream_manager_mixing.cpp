#include "core/api/stream_manager_call.h"

#include <algorithm>

namespace headgate {

namespace {

using nlohmann::json;

http::Response noSuchThing(const std::string& what, const std::string& name)
{
    return streamManagerFailure(Error{ErrorCode::NotFound, "There is no " + what + " \"" + name + "\".", {}, {}});
}

http::Response notOffered(const std::string& what)
{
    return streamManagerFailure(Error{ErrorCode::Unsupported, "This server does not offer " + what + " yet.", {}, {}});
}

bool isNodeAt(const Snapshot& snapshot, const std::string& host)
{
    return std::ranges::any_of(snapshot.nodes,
                               [&](const NodeStatus& node) { return node.node.endpoints.address == host; });
}

}  // namespace

// streams/mixer/{nodeGroup}[/{eventId}]: nothing mixes, so there are no events.
http::Answer StreamManagerRoutes::mixerEvents(const Call& call, Segments rest) const
{
    using enum http::Method;
    if (rest.empty() || rest.size() > 2)
        return nothingHere(call.request.path);
    const bool isOne = rest.size() == 2;
    if (!call.is(Get) && !(isOne ? call.is(Put) || call.is(Delete) : call.is(Post)))
        return wrongMethod(isOne ? "GET, PUT, DELETE" : "GET, POST");
    if (!call.snapshot->findNodeGroup(NodeGroupName(rest[0])))
        return unknownGroup(rest[0]);
    if (isOne)
        return noSuchThing("mixer event", rest[1]);
    return call.is(Get) ? http::Answer(jsonResponse(200, json::object())) : notOffered("mixing");
}

// streams/images[/{nodeGroup}][/{filename}]?host=: of a node, which has none as it does not mix.
http::Answer StreamManagerRoutes::mixerImages(const Call& call, Segments rest) const
{
    using enum http::Method;
    if (rest.size() > 2)
        return nothingHere(call.request.path);
    if (!call.is(Get) && !call.is(Post) && !call.is(Delete))
        return wrongMethod("GET, POST, DELETE");
    const std::string host = call.query.value("host");
    if (host.empty())
        return streamManagerFailure(Error{ErrorCode::InvalidArgument, "host is missing in the query.", {}, {}});
    if (!isNodeAt(*call.snapshot, host))
        return streamManagerFailure(Error{ErrorCode::Unavailable, "There is no mixer at " + host + ".", {}, {}}, 502);
    if (call.is(Post))
        return notOffered("images of mixers");
    const bool isList = rest.empty() || (rest.size() == 1 && call.snapshot->findNodeGroup(NodeGroupName(rest[0])));
    if (isList)
        return call.is(Get) ? http::Answer(jsonResponse(200, json::array())) : wrongMethod("GET, POST");
    return noSuchThing("image", rest.back());
}

}  // namespace headgate
