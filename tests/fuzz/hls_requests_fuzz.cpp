#include "core/base/check.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/fuzzed_node.h"

#include <string>

using namespace headgate;

namespace {

// The folder of the stream's addresses, and its viewer, as a playlist tells them.
std::string addressFor(fuzz::FuzzedNode& stage)
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
    fuzz::FuzzedNode stage;
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
    HG_CHECK(stage.answerTo("GET " + media + " HTTP/1.1\r\n\r\n").find("#EXT-X-TARGETDURATION:2\n") !=
             std::string::npos);
    return 0;
}
