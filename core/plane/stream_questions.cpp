#include "core/plane/stream_questions.h"

#include <algorithm>
#include <variant>

namespace headgate {

namespace {

// The node that is asked: the one named, else the origin.
Result<NodeId> carrierOf(const Snapshot& snapshot, const NodeGroupName& group, const StreamKey& key, const NodeId& node)
{
    const StreamStatus* stream = snapshot.findStream(group, key);
    const NodeStatus* named = stream || node.isEmpty() ? nullptr : snapshot.findNode(node);
    // It may have viewers of a recording.
    if (named && named->node.pool.nodeGroup == group && named->node.state == NodeState::InService)
        return node;
    if (!stream)
        return fail(ErrorCode::NotFound,
                    "The stream " + key.path() + " is not live in node group \"" + group.value + "\".",
                    "Look at the list of streams.");
    if (node.isEmpty() || node == stream->origin)
        return stream->origin;
    if (std::ranges::find(stream->hops, node, &StreamHop::node) == stream->hops.end())
        return fail(ErrorCode::NotFound, "Node \"" + node.value + "\" does not carry the stream " + key.path() + ".",
                    "Choose its origin or one of its hops.");
    return node;
}

template <typename Answer, typename Value>
Result<Value> valueIn(const Result<node_protocol::FromNode>& answer, Result<Value> Answer::*value)
{
    if (!answer)
        return tl::unexpected<Error>(answer.error());
    if (const auto* expected = std::get_if<Answer>(&*answer))
        return expected->*value;
    return fail(ErrorCode::Internal, "The node answered another question than it was asked.");
}

}  // namespace

Result<NodeQuestion> questionOf(const Snapshot& snapshot, const StreamQuery& query)
{
    if (query.viewerOffset < 0 || query.viewerLimit < 0 || query.viewerLimit > StreamQuery::mostViewers)
        return fail(ErrorCode::InvalidArgument, "At most 1000 viewers are told at once.", {}, "/viewerLimit");
    auto node = carrierOf(snapshot, query.nodeGroup, query.stream, query.node);
    if (!node)
        return tl::unexpected(std::move(node.error()));
    return NodeQuestion{
        std::move(*node), node_protocol::AskStream{0, query.stream, query.viewerOffset, query.viewerLimit, 0}, {}};
}

Result<NodeQuestion> questionOf(const Snapshot& snapshot, const ThumbnailQuery& query)
{
    if (query.width < Thumbnail::leastWidth || query.width > Thumbnail::mostWidth)
        return fail(ErrorCode::InvalidArgument, "A thumbnail is 16 to 640 pixels wide.", {}, "/width");
    auto node = carrierOf(snapshot, query.nodeGroup, query.stream, query.node);
    if (!node)
        return tl::unexpected(std::move(node.error()));
    return NodeQuestion{
        std::move(*node), node_protocol::AskThumbnail{0, query.stream, query.width, query.knownTag}, {}};
}

StreamDetails detailsWithout(const Snapshot& snapshot, const StreamQuery& query, const NodeId& node, const Error& why)
{
    StreamDetails details;
    details.node = node;
    details.note = why.message;
    details.report.key = query.stream;
    const StreamStatus* const stream = snapshot.findStream(query.nodeGroup, query.stream);
    if (!stream)
        return details;
    if (node == stream->origin)
        details.report = stream->ingest;
    const auto hop = std::ranges::find(stream->hops, node, &StreamHop::node);
    if (hop != stream->hops.end()) {
        details.report.viewers = hop->viewers;
        details.report.bitsPerSecond = hop->bitsPerSecond;
    }
    details.viewerCount = details.report.viewers + details.report.children;
    return details;
}

Result<StreamDetails> detailsIn(const Result<node_protocol::FromNode>& answer)
{
    return valueIn(answer, &node_protocol::StreamAnswer::details);
}

Result<Thumbnail> thumbnailIn(const Result<node_protocol::FromNode>& answer)
{
    return valueIn(answer, &node_protocol::ThumbnailAnswer::picture);
}

}  // namespace headgate
