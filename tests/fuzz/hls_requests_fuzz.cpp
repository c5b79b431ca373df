#include "core/base/check.h"
#include "core/media/agent/media_node.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/http_stranger.h"
#include "tests/media/support/frames.h"

#include <string>

using namespace headgate;

namespace {

// A node that carries a stream of four seconds.
struct Stage
{
    Stage()
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = {true, true};
        node = std::move(*MediaNode::open(loop, quiet, options, [](std::string_view) {}));
        stream = *node->hub().open({"live", "show"}, {}, loop.now());
        for (const SharedFrame& frame : {tests::videoHeader(), tests::audioHeader()})
            stream->push(frame, loop.now());
        push(60);
    }
    void push(int count)
    {
        for (int i = 0; i < count; ++i, ++sent) {
            const auto time = static_cast<std::uint32_t>(sent * 40);
            stream->push(sent % 25 == 0 ? tests::keyFrame(time) : tests::interFrame(time), loop.now());
        }
    }
    void turn()
    {
        for (int i = 0; i < 3; ++i)
            loop.runOnce(Duration(0));
    }

    inline static const Log quiet{LogLevel::Error};
    EventLoop loop;
    std::unique_ptr<MediaNode> node;
    Stream* stream = nullptr;
    int sent = 0;
};

// The folder of the stream's addresses, and its viewer, as a playlist tells them.
std::string addressFor(Stage& stage)
{
    const fuzz::Stranger viewer(stage.node->endpoints());
    stage.turn();
    viewer.say("GET /live/show.m3u8 HTTP/1.1\r\n\r\n");
    stage.turn();
    stage.push(40);
    stage.turn();
    const std::string heard = viewer.listen();
    const std::size_t at = heard.find("\nshow/");
    HG_CHECK(at != std::string::npos);
    return "/live/" + heard.substr(at + 1, heard.find('\n', at + 1) - at - 1);
}

}  // namespace

// Each line of the input is the target of a request, all on one connection; '@' stands for the address of the media
// playlist with its session, '#' for the folder of the segments, and a line "+" for ten frames more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    std::string_view text = input.text();
    Stage stage;
    const std::string media = addressFor(stage);
    const std::string folder = media.substr(0, media.rfind('/') + 1);
    fuzz::Stranger stranger(stage.node->endpoints());
    stage.turn();
    for (int lines = 0; !text.empty() && lines < 32; ++lines) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line == "+") {
            stage.push(10);
        } else {
            std::string target(line);
            if (target.starts_with('@'))
                target.replace(0, 1, media);
            else if (target.starts_with('#'))
                target.replace(0, 1, folder);
            stranger.say("GET " + target + " HTTP/1.1\r\n\r\n");
        }
        stage.turn();
        static_cast<void>(stranger.listen());
    }
    stage.turn();
    // Whatever was asked, the playlist is what it was.
    const fuzz::Stranger other(stage.node->endpoints());
    stage.turn();
    other.say("GET " + media + " HTTP/1.1\r\n\r\n");
    stage.turn();
    HG_CHECK(other.listen().find("#EXT-X-TARGETDURATION:2\n") != std::string::npos);
    return 0;
}
