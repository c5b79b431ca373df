#include "core/base/check.h"
#include "core/wire/node_protocol.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

struct Reading
{
    std::vector<std::string> messages;
    bool isGood = true;
};

Reading readAll(fuzz::FuzzInput input, std::size_t pieceSize)
{
    Reading reading;
    node_protocol::FrameReader reader;
    while (!input.isEmpty() && reading.isGood) {
        const auto piece = input.piece(pieceSize);
        reading.isGood =
            reader.append(std::string_view(reinterpret_cast<const char*>(piece.data()), piece.size())).has_value();
        while (auto message = reading.isGood ? reader.next() : std::nullopt)
            reading.messages.push_back(std::move(*message));
    }
    return reading;
}

// What was understood is written in a form that means the same.
void checkMessage(std::string_view json)
{
    if (const auto message = node_protocol::decodeFromNode(json)) {
        const std::string text = node_protocol::encode(*message);
        const auto again = node_protocol::decodeFromNode(text);
        HG_CHECK(again.has_value());
        HG_CHECK(node_protocol::encode(*again) == text);
    }
    if (const auto message = node_protocol::decodeToNode(json)) {
        const std::string text = node_protocol::encode(*message);
        const auto again = node_protocol::decodeToNode(text);
        HG_CHECK(again.has_value());
        HG_CHECK(node_protocol::encode(*again) == text);
    }
}

}  // namespace

// With the first byte's highest bit the rest is one message's JSON, else a stream of frames.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::uint8_t choice = input.byte();
    if ((choice & 0x80) != 0) {
        checkMessage(input.text());
        return 0;
    }
    const Reading whole = readAll(input, SIZE_MAX);
    const Reading pieces = readAll(input, fuzz::pieceSize(choice));
    if (whole.isGood && pieces.isGood)
        HG_CHECK(whole.messages == pieces.messages);
    for (const std::string& message : whole.messages)
        checkMessage(message);
    return 0;
}
