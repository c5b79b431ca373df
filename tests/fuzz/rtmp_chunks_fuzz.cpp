#include "core/base/check.h"
#include "core/media/rtmp/chunk_stream.h"
#include "core/media/rtmp/command.h"
#include "core/media/rtmp/frame_message.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

using Messages = std::vector<rtmp::Message>;

struct Reading
{
    Messages messages;
    bool isGood = true;
};

Reading readAll(fuzz::FuzzInput input, std::size_t pieceSize)
{
    Reading reading;
    rtmp::ChunkReader reader;
    while (!input.isEmpty() && reading.isGood) {
        const auto read = reader.read(input.piece(pieceSize), [&reading](rtmp::Message message) {
            reading.messages.push_back(std::move(message));
            return true;
        });
        reading.isGood = read.has_value();
    }
    return reading;
}

void useMessage(const rtmp::Message& message)
{
    static_cast<void>(rtmp::parseCommand(message));
    rtmp::forEachFrame(message, [](const SharedFrame& frame) { HG_CHECK(!rtmp::encodeFrame(*frame).empty()); });
}

bool isControl(const rtmp::Message& message)
{
    return message.type == rtmp::MessageType::SetChunkSize || message.type == rtmp::MessageType::Abort;
}

void checkWriter(const Messages& messages)
{
    Bytes out;
    Messages expected;
    rtmp::ChunkWriter writer;
    for (const rtmp::Message& message : messages) {
        if (isControl(message))
            continue;
        writer.append(out, rtmp::commandChunkStream, message);
        expected.push_back(message);
    }
    const Reading reading = readAll(fuzz::FuzzInput(out.data(), out.size()), SIZE_MAX);
    HG_CHECK(reading.isGood);
    HG_CHECK(reading.messages == expected);
}

}  // namespace

// The messages do not depend on the pieces in which they come, and what the writer writes of them reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::size_t pieceSize = fuzz::pieceSize(input.byte());
    const Reading whole = readAll(input, SIZE_MAX);
    const Reading pieces = readAll(input, pieceSize);
    HG_CHECK(whole.messages == pieces.messages);
    HG_CHECK(whole.isGood == pieces.isGood);
    for (const rtmp::Message& message : whole.messages)
        useMessage(message);
    checkWriter(whole.messages);
    return 0;
}
