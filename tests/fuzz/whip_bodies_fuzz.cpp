#include "core/base/check.h"
#include "core/media/agent/media_node.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/http_stranger.h"
#include "tests/media/support/frames.h"

#include <string>

using namespace headgate;

namespace {

// A node of one stream, which goes on from input to input; sessions that never connect are ended with each.
struct Stage
{
    Stage()
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
        for (int i = 0; i < 30; ++i)
            stream->push(i == 0 ? tests::keyFrame(0) : tests::interFrame(static_cast<std::uint32_t>(i) * 40),
                         loop.now());
    }
    std::string answerTo(std::string_view request)
    {
        const fuzz::Stranger stranger(node->endpoints());
        turn();
        stranger.say(request);
        turn();
        return stranger.listen();
    }
    void turn()
    {
        for (int i = 0; i < 4; ++i)
            loop.runOnce(Duration(0));
    }

    inline static const Log quiet{LogLevel::Error};
    EventLoop loop;
    std::unique_ptr<MediaNode> node;
    Stream* stream = nullptr;
};

std::string request(std::string_view head, std::string_view type, std::string_view body)
{
    return std::string(head) + " HTTP/1.1\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string locationIn(const std::string& reply)
{
    constexpr std::string_view name = "\r\nLocation: ";
    const std::size_t at = reply.find(name);
    return at == std::string::npos
               ? std::string()
               : reply.substr(at + name.size(), reply.find('\r', at + name.size()) - at - name.size());
}

}  // namespace

// The first byte chooses the call: the others are its body, or, as "raw", the whole request. What is opened is changed
// with the same body, as a fragment and as an answer, and ended.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const unsigned kind = input.byte() % 4u;
    const std::string_view body = input.text();
    Stage stage;
    constexpr std::string_view sdp = "application/sdp";
    std::string reply;
    if (kind == 0)
        reply = stage.answerTo(request("POST /whip/live/other", sdp, body));
    else if (kind == 1)
        reply = stage.answerTo(request("POST /whep/live/show", sdp, body));
    else if (kind == 2)
        reply = stage.answerTo(request("POST /whep/live/show", sdp, {}));
    else
        reply = stage.answerTo(body);
    HG_CHECK(kind == 3 || reply.starts_with("HTTP/1.1 "));
    HG_CHECK(kind != 2 || reply.starts_with("HTTP/1.1 201 "));
    const std::string session = locationIn(reply);
    if (session.empty())
        return 0;
    const auto change = [&](std::string_view type) { return stage.answerTo(request("PATCH " + session, type, body)); };
    for (const std::string_view type : {"application/trickle-ice-sdpfrag", "application/sdp"})
        HG_CHECK(change(type).starts_with("HTTP/1.1 "));
    HG_CHECK(stage.answerTo(request("DELETE " + session, sdp, {})).starts_with("HTTP/1.1 200 "));
    stage.turn();
    // Nobody is left, and who comes now is served.
    HG_CHECK(stage.stream->count(Subscriber::Kind::Viewer) == 0);
    return 0;
}
