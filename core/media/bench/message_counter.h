#pragma once

#include "core/media/net/bytes.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace headgate::bench {

// A message as far as a measurement needs it. The type is that of RTMP and FLV.
struct SeenMessage
{
    std::uint8_t type = 0;
    std::uint32_t size = 0;
    ByteView head;  // the first bytes of a media message, the whole of a small other one
};
using MessageSink = std::function<void(const SeenMessage&)>;

// Cuts a byte stream into messages without keeping them, so that thousands of viewers cost little. False when the bytes
// make no sense; then the reader is useless.
class RtmpCounter
{
public:
    bool read(ByteView bytes, const MessageSink& sink);  // after the handshake

private:
    struct ChunkStream
    {
        std::uint32_t length = 0;
        std::uint32_t left = 0;  // of the message that is under way
        std::uint8_t type = 0;
        bool isExtended = false;
        std::string head;
    };
    std::size_t headerSize() const;
    bool beginChunk();
    void endChunk(const MessageSink& sink);

    std::array<ChunkStream, 64> m_streams;
    std::array<std::uint8_t, 16> m_header{};
    std::size_t m_headerSize = 0;
    ChunkStream* m_current = nullptr;
    std::uint32_t m_chunkLeft = 0;
    std::uint32_t m_chunkSize = 128;
};

// The same for the answer to a GET of HTTP-FLV, with or without chunked coding.
class HttpFlvCounter
{
public:
    bool read(ByteView bytes, const MessageSink& sink);

private:
    bool readHead(ByteView& bytes);
    bool readChunkLine(ByteView& bytes);
    void readFlv(ByteView bytes, const MessageSink& sink);
    void finishHeader(const MessageSink& sink);

    std::string m_line;
    bool m_isPastHead = false;
    bool m_isChunked = false;
    std::uint64_t m_chunkLeft = 0;
    std::size_t m_skip = 0;  // of the file header, of a tag's body or the size behind it
    std::array<std::uint8_t, 11> m_header{};
    std::size_t m_headerSize = 0;
    bool m_isInBody = false;
    SeenMessage m_message;
    std::string m_head;
};

}  // namespace headgate::bench
