#include "core/media/rtmp/chunk_stream.h"

#include <algorithm>

namespace headgate::rtmp {

namespace {

constexpr std::uint32_t extendedMark = 0xFFFFFF;
constexpr std::array<std::size_t, 4> messageHeaderSizes{11, 7, 3, 0};
constexpr std::size_t mostChunkStreams = 64;

std::size_t basicHeaderSize(std::uint8_t first)
{
    const int low = first & 0x3F;
    return low == 0 ? 2 : low == 1 ? 3 : 1;
}

}  // namespace

std::uint32_t ChunkReader::chunkStreamId() const
{
    switch (basicHeaderSize(m_header[0])) {
    case 2:
        return 64u + m_header[1];
    case 3:
        return 64u + m_header[1] + 256u * m_header[2];
    default:
        return m_header[0] & 0x3Fu;
    }
}

// How long the header is, as far as the bytes so far can tell.
std::size_t ChunkReader::neededHeaderBytes() const
{
    if (m_headerSize == 0)
        return 1;
    const std::size_t basic = basicHeaderSize(m_header[0]);
    const std::uint32_t format = m_header[0] >> 6;
    const std::size_t fixed = basic + messageHeaderSizes[format];
    if (m_headerSize < fixed)
        return fixed;
    if (format == 3) {
        const auto found = m_streams.find(chunkStreamId());
        return fixed + (found != m_streams.end() && found->second.isExtended ? 4 : 0);
    }
    ByteReader reader(ByteView(m_header).subspan(basic));
    return fixed + (reader.u24() == extendedMark ? 4 : 0);
}

Result<std::size_t> ChunkReader::takeHeader(ByteView bytes)
{
    const std::size_t taken = std::min(neededHeaderBytes() - m_headerSize, bytes.size());
    std::copy_n(bytes.begin(), taken, m_header.begin() + static_cast<std::ptrdiff_t>(m_headerSize));
    m_headerSize += taken;
    // What came may tell that the header is longer.
    if (m_headerSize == neededHeaderBytes()) {
        if (auto parsed = parseHeader(); !parsed)
            return tl::unexpected(parsed.error());
    }
    return taken;
}

Result<void> ChunkReader::read(ByteView bytes, const Sink& sink)
{
    while (!bytes.empty()) {
        std::size_t taken = 0;
        if (m_current == nullptr) {
            const auto header = takeHeader(bytes);
            if (!header)
                return tl::unexpected(header.error());
            taken = *header;
        } else {
            taken = std::min<std::size_t>(m_currentLeft, bytes.size());
            const auto added = addPayload(bytes.first(taken), sink);
            if (!added)
                return tl::unexpected(added.error());
            if (!*added)
                return {};
        }
        bytes = bytes.subspan(taken);
        // An empty message is whole with its header, and so may be one whose first bytes were read ahead.
        while (m_current != nullptr && (m_notExtended || m_currentLeft == 0)) {
            const std::optional<std::array<std::uint8_t, 4>> ahead = std::exchange(m_notExtended, std::nullopt);
            const ByteView view = ahead ? ByteView(*ahead) : ByteView();
            const auto added = addPayload(view.first(std::min<std::size_t>(view.size(), m_currentLeft)), sink);
            if (!added)
                return tl::unexpected(added.error());
            if (!*added)
                return {};
        }
    }
    return {};
}

Result<void> ChunkReader::parseHeader()
{
    const std::uint32_t id = chunkStreamId();
    const std::uint32_t format = m_header[0] >> 6;
    if (!m_streams.contains(id) && m_streams.size() >= mostChunkStreams)
        return fail(ErrorCode::ResourceExhausted, "The peer uses too many chunk streams.");
    ChunkStream& stream = m_streams[id];
    if (format != 0 && !stream.hasHeader)
        return fail(ErrorCode::InvalidArgument, "A chunk stream begins with a header that needs a previous one.");
    ByteReader reader(ByteView(m_header).first(m_headerSize));
    reader.take(basicHeaderSize(m_header[0]));
    std::uint32_t field = format == 3 ? 0 : reader.u24();
    if (format <= 1) {
        stream.length = reader.u24();
        stream.type = static_cast<std::uint8_t>(reader.u8());
    }
    if (format == 0) {
        // Little-endian, the only one in the protocol.
        const std::uint32_t swapped = reader.u32();
        stream.streamId = swapped >> 24 | (swapped >> 8 & 0xFF00) | (swapped << 8 & 0xFF0000) | swapped << 24;
    }
    if (format != 3)
        stream.isExtended = field == extendedMark;
    m_headerSize = 0;
    if (stream.isWithin && format != 3)
        return fail(ErrorCode::InvalidArgument,
                    "A message is begun before the previous one of its chunk stream ended.");
    if (stream.isExtended) {
        const ByteView raw = reader.take(4);
        field = ByteReader(raw).u32();
        // Some senders do not repeat the extended timestamp in the chunks that continue a message.
        if (stream.isWithin && field != stream.extendedField) {
            m_notExtended.emplace();
            std::copy(raw.begin(), raw.end(), m_notExtended->begin());
        }
    }
    if (!stream.isWithin && stream.length > m_largestMessage)
        return fail(ErrorCode::ResourceExhausted, "A message of " + std::to_string(stream.length) +
                                                      " bytes is too large for a client that publishes nothing.");
    if (!stream.isWithin)
        startMessage(stream, format, field);
    m_current = &stream;
    m_currentLeft = std::min(m_chunkSize, stream.length - static_cast<std::uint32_t>(stream.payload.size()));
    if (m_notExtended && m_currentLeft < 4)
        return fail(ErrorCode::InvalidArgument, "An extended timestamp differs from the one of its message.");
    return {};
}

void ChunkReader::startMessage(ChunkStream& stream, std::uint32_t format, std::uint32_t field)
{
    // A header of type 3 that begins a message repeats the delta, which after a type 0 is its timestamp (5.3.1.2.4).
    if (format == 0)
        stream.timestampMs = field;
    else if (format == 3)
        stream.timestampMs += stream.deltaMs;
    else
        stream.timestampMs += field;
    if (format != 3) {
        stream.deltaMs = field;
        stream.extendedField = field;
    }
    stream.hasHeader = true;
    stream.isWithin = true;
    stream.payload.clear();
}

Result<bool> ChunkReader::addPayload(ByteView bytes, const Sink& sink)
{
    constexpr std::uint32_t reservedAtOnce = 4 * 1024;
    ChunkStream& stream = *m_current;
    if (stream.payload.empty())
        stream.payload.reserve(std::min(stream.length, reservedAtOnce));
    appendView(stream.payload, bytes);
    m_unfinishedBytes += bytes.size();
    m_currentLeft -= static_cast<std::uint32_t>(bytes.size());
    if (m_unfinishedBytes > 2 * std::size_t{m_largestMessage})
        return fail(ErrorCode::ResourceExhausted, "The peer has too many unfinished messages.");
    if (m_currentLeft > 0)
        return true;
    if (stream.payload.size() < stream.length) {
        m_current = nullptr;
        return true;
    }
    return finishMessage(sink);
}

Result<bool> ChunkReader::finishMessage(const Sink& sink)
{
    ChunkStream& stream = *m_current;
    m_current = nullptr;
    m_unfinishedBytes -= stream.payload.size();
    stream.isWithin = false;
    Message message{static_cast<MessageType>(stream.type), stream.streamId, stream.timestampMs,
                    std::exchange(stream.payload, {})};
    if (const auto obeyed = obey(message); !obeyed)
        return tl::unexpected(obeyed.error());
    return sink(std::move(message));
}

Result<void> ChunkReader::obey(const Message& message)
{
    ByteReader reader(message.payload);
    if (message.type == MessageType::SetChunkSize) {
        const std::uint32_t size = reader.u32();
        if (!reader.ok() || size == 0 || size > 0x7FFFFFFF)
            return fail(ErrorCode::InvalidArgument, "The peer announces an impossible chunk size.");
        m_chunkSize = std::min(size, largestMessage);
    }
    if (message.type == MessageType::Abort) {
        const auto found = m_streams.find(reader.u32());
        if (reader.ok() && found != m_streams.end() && found->second.isWithin) {
            m_unfinishedBytes -= found->second.payload.size();
            found->second.payload.clear();
            found->second.isWithin = false;
        }
    }
    return {};
}

}  // namespace headgate::rtmp
