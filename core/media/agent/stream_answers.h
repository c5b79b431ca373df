#pragma once

#include "core/media/hub/hub.h"
#include "core/media/hub/loop_group.h"
#include "core/media/thumbnail/thumbnail_maker.h"
#include "core/wire/node_protocol.h"

#include <functional>

namespace headgate {

// What a node answers to the control plane's questions about its streams. Belongs to the main loop's thread.
class StreamAnswers
{
public:
    struct Context
    {
        LoopGroup& loops;
        Hub& hub;
        ThumbnailMaker& thumbnails;
    };
    using Answer = std::function<void(const node_protocol::FromNode&)>;

    explicit StreamAnswers(Context context) : m_context(context) {}

    // `answer` is called once, later or at once; not if the node ends before.
    void tell(const node_protocol::AskStream& question, const Answer& answer);
    void tell(const node_protocol::AskThumbnail& question, const Answer& answer);

    void endSession(const node_protocol::EndSession& order);

private:
    Context m_context;
};

}  // namespace headgate
