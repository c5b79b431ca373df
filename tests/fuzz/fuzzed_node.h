#pragma once

#include "core/media/agent/media_node.h"
#include "tests/fuzz/http_stranger.h"
#include "tests/media/support/frames.h"

#include <string>

namespace headgate::fuzz {

// A node that carries some seconds of live/show, all on the thread of the target.
struct FuzzedNode
{
    FuzzedNode()
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = {true, true};
        options.webrtcPort = 0;
        options.loops.count = 1;
        node = std::move(*MediaNode::open(loop, quiet, options, [](std::string_view) {}));
        stream = *node->hub().open({"live", "show"}, {}, loop.now());
        for (const SharedFrame& frame : {tests::videoHeader(), tests::audioHeader()})
            stream->push(frame, loop.now());
        push(60);
    }
    // A key frame each second.
    void push(int count)
    {
        for (int i = 0; i < count; ++i, ++sent) {
            const auto time = static_cast<std::uint32_t>(sent * 40);
            stream->push(sent % 25 == 0 ? tests::keyFrame(time) : tests::interFrame(time), loop.now());
        }
    }
    void turn()
    {
        for (int i = 0; i < 4; ++i)
            loop.runOnce(Duration(0));
    }
    // Of a client that comes for that alone.
    std::string answerTo(std::string_view request)
    {
        const Stranger stranger(node->endpoints());
        turn();
        stranger.say(request);
        turn();
        return stranger.listen();
    }

    inline static const Log quiet{LogLevel::Error};
    EventLoop loop;
    std::unique_ptr<MediaNode> node;
    Stream* stream = nullptr;
    int sent = 0;
};

}  // namespace headgate::fuzz
