#pragma once

namespace headgate {

// The helper process of a node: takes tasks from the descriptor, one at a time, and answers each, until the other end
// is closed. Decoding what a publisher sent stays out of the node that way: it may crash, hang or use up its memory.
// Answers the exit status.
int runThumbnailWorker(int descriptor);

}  // namespace headgate
