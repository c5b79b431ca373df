#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace headgate::rtmp {

// RTMP 1.0, 5.4, 6.2 and 7.1.
enum class MessageType : std::uint8_t
{
    SetChunkSize = 1,
    Abort = 2,
    Acknowledgement = 3,
    UserControl = 4,
    WindowAcknowledgementSize = 5,
    SetPeerBandwidth = 6,
    Audio = 8,
    Video = 9,
    ScriptAmf3 = 15,
    CommandAmf3 = 17,
    ScriptAmf0 = 18,
    CommandAmf0 = 20,
    Aggregate = 22
};

struct Message
{
    MessageType type = MessageType::CommandAmf0;  // may hold a number that the enumeration does not name
    std::uint32_t streamId = 0;
    std::uint32_t timestampMs = 0;
    Bytes payload;

    bool operator==(const Message&) const = default;
};

constexpr std::uint32_t defaultChunkSize = 128;
constexpr std::uint32_t largestMessage = 16 * 1024 * 1024 - 1;  // what 24 bits hold
constexpr std::uint32_t largestCommand = 64 * 1024;             // of a client that has not published yet

// Chunk stream ids as this program uses them; the numbers mean nothing to the protocol.
constexpr std::uint32_t controlChunkStream = 2;
constexpr std::uint32_t commandChunkStream = 3;
constexpr std::uint32_t audioChunkStream = 4;
constexpr std::uint32_t scriptChunkStream = 5;
constexpr std::uint32_t videoChunkStream = 6;

// Bytes to messages. Set Chunk Size and Abort are obeyed here and handed on like all others. Memory is bounded by what
// was really received, and by twice the largest message over all unfinished ones.
class ChunkReader
{
public:
    // Called for each whole message; false stops the reading (the session ended).
    using Sink = std::function<bool(Message)>;

    // InvalidArgument or ResourceExhausted if the bytes break the protocol; the reader is then useless.
    Result<void> read(ByteView bytes, const Sink& sink);

    // Of the messages that begin from now on.
    void setLargestMessage(std::uint32_t bytes) { m_largestMessage = bytes; }

private:
    struct ChunkStream
    {
        std::uint32_t timestampMs = 0;
        std::uint32_t deltaMs = 0;
        std::uint32_t length = 0;
        std::uint8_t type = 0;
        std::uint32_t streamId = 0;
        std::uint32_t extendedField = 0;  // what the last extended timestamp said
        bool isExtended = false;
        bool hasHeader = false;
        bool isWithin = false;  // a message was begun
        Bytes payload;
    };

    std::size_t neededHeaderBytes() const;
    std::uint32_t chunkStreamId() const;
    Result<std::size_t> takeHeader(ByteView bytes);  // how many of the bytes were used
    Result<void> parseHeader();
    void startMessage(ChunkStream& stream, std::uint32_t format, std::uint32_t field);
    Result<bool> addPayload(ByteView bytes, const Sink& sink);
    Result<bool> finishMessage(const Sink& sink);
    Result<void> obey(const Message& message);

    std::array<std::uint8_t, 18> m_header{};
    std::size_t m_headerSize = 0;
    std::map<std::uint32_t, ChunkStream> m_streams;
    ChunkStream* m_current = nullptr;                          // its payload comes next; null while reading a header
    std::uint32_t m_currentLeft = 0;                           // of this chunk
    std::optional<std::array<std::uint8_t, 4>> m_notExtended;  // payload that was taken for an extended timestamp
    std::uint32_t m_chunkSize = defaultChunkSize;
    std::uint32_t m_largestMessage = largestMessage;
    std::size_t m_unfinishedBytes = 0;
};

// Messages to bytes, with the shortest header that the previous message of the chunk stream allows.
class ChunkWriter
{
public:
    void append(Bytes& out, std::uint32_t chunkStream, const Message& message);

    // For what is appended from now on; the caller sends the Set Chunk Size message first.
    void setChunkSize(std::uint32_t size) { m_chunkSize = size; }

private:
    struct Previous
    {
        std::uint32_t timestampMs = 0;
        std::uint32_t deltaMs = 0;
        std::size_t length = 0;
        MessageType type = MessageType::CommandAmf0;
        std::uint32_t streamId = 0;
    };

    std::map<std::uint32_t, Previous> m_previous;
    std::uint32_t m_chunkSize = defaultChunkSize;
};

// A whole message that depends on nothing sent before: absolute time, full header. For what many receivers share.
struct WholeMessage
{
    std::uint32_t chunkStream = commandChunkStream;
    MessageType type = MessageType::CommandAmf0;
    std::uint32_t streamId = 0;
    std::uint32_t timestampMs = 0;
    ByteView payload;
};
void appendWhole(Bytes& out, const WholeMessage& message, std::uint32_t chunkSize);

}  // namespace headgate::rtmp
