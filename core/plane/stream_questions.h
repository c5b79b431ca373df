#pragma once

#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"
#include "core/plane/open_questions.h"

namespace headgate {

// What a reader wants to know of a stream, as a question to the right node (`done` is left empty).
// InvalidArgument for numbers out of range, NotFound if the stream is not live in the group or not on that node.
Result<NodeQuestion> questionOf(const Snapshot& snapshot, const StreamQuery& query);
Result<NodeQuestion> questionOf(const Snapshot& snapshot, const ThumbnailQuery& query);

// Without the node's answer: what it last reported of the stream, as far as the snapshot tells, and why it is silent.
StreamDetails detailsWithout(const Snapshot& snapshot, const StreamQuery& query, const NodeId& node, const Error& why);

// What the node said; Internal if it answered something else than was asked.
Result<StreamDetails> detailsIn(const Result<node_protocol::FromNode>& answer);
Result<Thumbnail> thumbnailIn(const Result<node_protocol::FromNode>& answer);

}  // namespace headgate
