#pragma once

#include "core/media/agent/media_node.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"

#include <memory>
#include <optional>
#include <vector>

namespace headgate::tests {

// An origin and an edge, all on one loop, and a publisher; what is between them is the test's.
struct RelayCluster
{
    inline static const StreamKey key{"live", "show"};
    static constexpr const char* token = "pull-token";
    static constexpr NodeCapabilities between{false, false};  // of a relay
    static constexpr int gop = 10;

    explicit RelayCluster(LoopOptions loopOptions) : loops(std::move(loopOptions)) {}

    MediaNodeOptions options(NodeCapabilities capabilities, std::uint16_t rtmpPort = 0) const
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", rtmpPort, 0};
        options.id = NodeId("any-node");
        options.capabilities = capabilities;
        options.loops = loops;
        return options;
    }
    std::unique_ptr<MediaNode> openWith(const MediaNodeOptions& options)
    {
        auto node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
        node->gate().setPullToken(token);
        return node;
    }
    std::unique_ptr<MediaNode> open(NodeCapabilities capabilities, std::uint16_t rtmpPort = 0)
    {
        return openWith(options(capabilities, rtmpPort));
    }
    static node_protocol::Parent parent(const MediaNode& node, const char* name)
    {
        const NodeEndpoints at = node.endpoints();
        return {NodeId(name), at.address, at.rtmpPort, token, at.rtmpsPort};
    }
    static void assign(MediaNode& node, node_protocol::Parent primary, std::optional<node_protocol::Parent> backup = {},
                       std::uint64_t epoch = 1)
    {
        node.relay().setParents({{node_protocol::StreamParents{key, std::move(primary), std::move(backup), epoch}}});
    }
    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }
    bool startPublisher() { return startPublisher(*origin); }
    bool startPublisher(const MediaNode& at)
    {
        publisher = std::make_unique<RtmpPublisher>(loop, at.endpoints(), "live", "show");
        if (!wait([this] { return publisher->isPublishing(); }))
            return false;
        for (const SharedFrame& frame : {metadata(), videoHeader(), audioHeader()})
            publisher->send(frame);
        return true;
    }
    bool comeBack()
    {
        sent = 0;
        return startPublisher();
    }
    // A key frame each ten frames of 40 ms, with sound.
    void sendFrames(int count)
    {
        for (int i = 0; i < count; ++i, ++sent) {
            const auto time = static_cast<std::uint32_t>(sent * 40);
            publisher->send(sent % gop == 0 ? keyFrame(time) : interFrame(time));
            publisher->send(audioFrame(time + 7));
        }
    }
    // All of what was sent, from the frame `first` on.
    std::vector<std::uint32_t> sentTimes(int first) const
    {
        std::vector<std::uint32_t> times;
        for (int i = first; i < sent; ++i)
            times.push_back(static_cast<std::uint32_t>(i * 40));
        return times;
    }
    static std::string rtmpAddress(const MediaNode& node)
    {
        return toText(SocketAddress{"127.0.0.1", node.endpoints().rtmpPort, {}});
    }

    LoopOptions loops;
    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> origin = open({true, false});
    std::unique_ptr<MediaNode> edge = open({false, true});
    std::unique_ptr<RtmpPublisher> publisher;
    int sent = 0;
};

}  // namespace headgate::tests
