#include "core/wire/node_protocol.h"

namespace headgate::node_protocol {

std::string frame(std::string_view json)
{
    const auto length = static_cast<std::uint32_t>(json.size());
    std::string bytes;
    bytes.reserve(json.size() + 4);
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>((length >> shift) & 0xff);
    bytes += json;
    return bytes;
}

Result<void> FrameReader::append(std::string_view bytes)
{
    // Consumed bytes are dropped only when they are many, so that small messages do not move the buffer each time.
    if (m_offset > 64 * 1024 || m_offset == m_buffer.size()) {
        m_buffer.erase(0, m_offset);
        m_offset = 0;
    }
    m_buffer += bytes;
    std::size_t at = m_offset;
    while (m_buffer.size() - at >= 4) {
        const std::size_t length = lengthAt(at);
        if (length > maxMessageBytes)
            return fail(ErrorCode::ResourceExhausted,
                        "A message of " + std::to_string(length) + " bytes was announced, and 4 MiB is the most.");
        if (m_buffer.size() - at - 4 < length)
            break;
        at += 4 + length;
    }
    return {};
}

std::optional<std::string> FrameReader::next()
{
    if (m_buffer.size() - m_offset < 4)
        return std::nullopt;
    const std::size_t length = lengthAt(m_offset);
    if (length > maxMessageBytes || m_buffer.size() - m_offset - 4 < length)
        return std::nullopt;
    std::string message = m_buffer.substr(m_offset + 4, length);
    m_offset += 4 + length;
    return message;
}

std::size_t FrameReader::lengthAt(std::size_t offset) const
{
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
        length = length << 8 | static_cast<unsigned char>(m_buffer[offset + i]);
    return length;
}

}  // namespace headgate::node_protocol
