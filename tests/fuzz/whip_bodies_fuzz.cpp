#include "core/base/check.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/fuzzed_node.h"
#include "tests/media/support/whep_viewer.h"

#include <string>

using namespace headgate;

namespace {

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

// At the port of WebRTC, over UDP or TCP, from where a check was answered: packets, each behind its size in eight
// bytes, while nobody has begun a handshake, or in the midst of one.
void knock(fuzz::FuzzedNode& stage, fuzz::FuzzInput input)
{
    constexpr int mostTurns = 100;
    constexpr int mostPackets = 64;
    tests::WhepViewer viewer(stage.loop, stage.node->endpoints());
    const auto await = [&stage](const auto& isThere) {
        for (int i = 0; i < mostTurns && !isThere(); ++i)
            stage.turn();
        HG_CHECK(isThere());
    };
    viewer.post("live/show", viewer.fullOffer("recvonly"));
    await([&viewer] { return viewer.isAnswered; });
    HG_CHECK(viewer.status() == 201);
    const unsigned way = input.byte();
    if (way % 2 == 1)
        viewer.useTcp();
    viewer.check();
    await([&viewer] { return viewer.checksAnswered == 1; });
    if (way / 2 % 2 == 1)
        viewer.shakeHands();
    for (int i = 0; i < mostPackets && !input.isEmpty(); ++i) {
        const auto packet = input.piece(std::size_t{input.byte()} * 8);
        if (!packet.empty())
            viewer.send(packet);
        if (i % 4 == 0)
            stage.turn();
    }
    stage.turn();
    const std::string session = viewer.field("Location");
    HG_CHECK(stage.answerTo(request("DELETE " + session, "application/sdp", {})).starts_with("HTTP/1.1 "));
    await([&stage] { return stage.stream->count(Subscriber::Kind::Viewer) == 0; });
}

}  // namespace

// The first byte chooses the call: the others are its body, or, as "raw", the whole request, or what comes at the port
// once a session is there. What is opened is changed with the same body, as a fragment and as an answer, and ended.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const unsigned kind = input.byte() % 5u;
    fuzz::FuzzedNode stage;
    if (kind == 4) {
        knock(stage, input);
        return 0;
    }
    const std::string_view body = input.text();
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
