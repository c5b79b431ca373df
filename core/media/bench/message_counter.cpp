#include "core/media/bench/message_counter.h"

#include <algorithm>
#include <charconv>

namespace headgate::bench {

namespace {

constexpr std::size_t mediaHead = 32;
constexpr std::size_t otherHead = 4096;
constexpr std::size_t longestHttpLine = 16'384;
constexpr std::array<std::size_t, 4> messageHeaderSizes{11, 7, 3, 0};
constexpr std::uint8_t setChunkSize = 1;

std::size_t headLimit(std::uint8_t type)
{
    return type == 8 || type == 9 ? mediaHead : otherHead;
}

std::uint32_t number(ByteView bytes)
{
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes)
        value = value << 8 | byte;
    return value;
}

void keepHead(std::string& head, std::uint8_t type, ByteView bytes)
{
    const std::size_t room = headLimit(type) - std::min(headLimit(type), head.size());
    head += textOf(bytes.first(std::min(room, bytes.size())));
}

}  // namespace

std::size_t RtmpCounter::headerSize() const
{
    if (m_headerSize == 0)
        return 1;
    const std::size_t format = m_header[0] >> 6;
    const std::size_t fixed = 1 + messageHeaderSizes[format];
    if (m_headerSize < fixed)
        return fixed;
    const bool isExtended =
        format == 3 ? m_streams[m_header[0] & 0x3F].isExtended : number(ByteView(m_header).subspan(1, 3)) == 0xFFFFFF;
    return fixed + (isExtended ? 4 : 0);
}

bool RtmpCounter::beginChunk()
{
    const std::uint32_t id = m_header[0] & 0x3F;
    if (id < 2)
        return false;  // no server that is measured uses so many
    ChunkStream& stream = m_streams[id];
    const std::size_t format = m_header[0] >> 6;
    if (format < 3)
        stream.isExtended = number(ByteView(m_header).subspan(1, 3)) == 0xFFFFFF;
    if (format < 2) {
        stream.length = number(ByteView(m_header).subspan(4, 3));
        stream.type = m_header[7];
    }
    if (stream.left == 0) {
        stream.left = stream.length;
        stream.head.clear();
    }
    m_chunkLeft = std::min(stream.left, m_chunkSize);
    m_current = &stream;
    m_headerSize = 0;
    return true;
}

void RtmpCounter::endChunk(const MessageSink& sink)
{
    ChunkStream& stream = *m_current;
    m_current = nullptr;
    if (stream.left > 0)
        return;
    if (stream.type == setChunkSize && stream.head.size() == 4)
        m_chunkSize = std::max(1u, number(viewOf(stream.head)) & 0x7FFFFFFF);
    sink({stream.type, stream.length, viewOf(stream.head)});
}

bool RtmpCounter::read(ByteView bytes, const MessageSink& sink)
{
    while (!bytes.empty()) {
        if (m_current == nullptr) {
            const std::size_t taken = std::min(headerSize() - m_headerSize, bytes.size());
            std::copy_n(bytes.begin(), taken, m_header.begin() + static_cast<std::ptrdiff_t>(m_headerSize));
            m_headerSize += taken;
            bytes = bytes.subspan(taken);
            if (m_headerSize == headerSize() && !beginChunk())
                return false;
        } else {
            const std::size_t taken = std::min<std::size_t>(m_chunkLeft, bytes.size());
            keepHead(m_current->head, m_current->type, bytes.first(taken));
            m_chunkLeft -= static_cast<std::uint32_t>(taken);
            m_current->left -= static_cast<std::uint32_t>(taken);
            bytes = bytes.subspan(taken);
        }
        if (m_current != nullptr && m_chunkLeft == 0)
            endChunk(sink);
    }
    return true;
}

bool HttpFlvCounter::readHead(ByteView& bytes)
{
    const std::size_t before = m_line.size();
    m_line += textOf(bytes);
    const std::size_t end = m_line.find("\r\n\r\n");
    if (end == std::string::npos) {
        bytes = {};
        return m_line.size() < longestHttpLine;
    }
    bytes = bytes.subspan(end + 4 - before);
    m_line.resize(end);
    std::transform(m_line.begin(), m_line.end(), m_line.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    m_isChunked = m_line.find("transfer-encoding: chunked") != std::string::npos;
    const bool isGood = m_line.starts_with("http/1.") && m_line.substr(8, 4) == " 200";
    m_line.clear();
    m_isPastHead = true;
    constexpr std::size_t fileHeader = 13;
    m_skip = fileHeader;
    return isGood;
}

bool HttpFlvCounter::readChunkLine(ByteView& bytes)
{
    m_line.push_back(static_cast<char>(bytes.front()));
    bytes = bytes.subspan(1);
    if (m_line == "\r\n")  // behind the chunk before
        m_line.clear();
    if (!m_line.ends_with("\r\n"))
        return m_line.size() < longestHttpLine;
    const auto parsed = std::from_chars(m_line.data(), m_line.data() + m_line.size(), m_chunkLeft, 16);
    m_line.clear();
    return parsed.ec == std::errc{} && m_chunkLeft > 0;
}

bool HttpFlvCounter::read(ByteView bytes, const MessageSink& sink)
{
    while (!bytes.empty()) {
        if (!m_isPastHead) {
            if (!readHead(bytes))
                return false;
            continue;
        }
        if (m_isChunked && m_chunkLeft == 0) {
            if (!readChunkLine(bytes))
                return false;
            continue;
        }
        const std::size_t taken = m_isChunked ? std::min<std::size_t>(m_chunkLeft, bytes.size()) : bytes.size();
        readFlv(bytes.first(taken), sink);
        m_chunkLeft -= m_isChunked ? taken : 0;
        bytes = bytes.subspan(taken);
    }
    return true;
}

void HttpFlvCounter::finishHeader(const MessageSink& sink)
{
    constexpr std::size_t trailer = 4;
    m_message.type = m_header[0];
    m_message.size = number(ByteView(m_header).subspan(1, 3));
    m_headerSize = 0;
    m_head.clear();
    m_isInBody = m_message.size > 0;
    m_skip = m_isInBody ? m_message.size : trailer;
    if (!m_isInBody)
        sink(m_message);
}

void HttpFlvCounter::readFlv(ByteView bytes, const MessageSink& sink)
{
    while (!bytes.empty()) {
        const std::size_t taken = std::min(m_skip > 0 ? m_skip : m_header.size() - m_headerSize, bytes.size());
        if (m_skip == 0) {
            std::copy_n(bytes.begin(), taken, m_header.begin() + static_cast<std::ptrdiff_t>(m_headerSize));
            m_headerSize += taken;
            if (m_headerSize == m_header.size())
                finishHeader(sink);
        } else {
            m_skip -= taken;
            if (m_isInBody)
                keepHead(m_head, m_message.type, bytes.first(taken));
            if (m_isInBody && m_skip == 0) {
                m_message.head = viewOf(m_head);
                sink(m_message);
                m_message.head = {};
                m_isInBody = false;
                m_skip = 4;
            }
        }
        bytes = bytes.subspan(taken);
    }
}

}  // namespace headgate::bench
