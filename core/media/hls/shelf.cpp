#include "core/media/hls/shelf.h"

#include <algorithm>
#include <utility>

namespace headgate::hls {

namespace {

// What has a name of its own never changes under it.
constexpr std::string_view mediaFields = "Content-Type: video/mp4\r\nCache-Control: public, max-age=3600, immutable\r\n"
                                         "Accept-Ranges: bytes\r\n";

std::string etagOf(const std::string& tag, const std::string& name)
{
    return "\"" + tag + "-" + name + "\"";
}

}  // namespace

void Shelf::segmentBegan(const SegmentStart& start)
{
    if (!m_init || m_init->init != start.init) {
        const std::uint64_t number = m_init ? m_init->number + 1 : 0;
        auto reply =
            http_flv::makeReply(200, mediaFields, {start.init->bytes}, etagOf(m_tag, "init" + std::to_string(number)));
        m_init = std::make_shared<const ShelvedInit>(ShelvedInit{number, start.init, std::move(reply)});
    }
    m_discontinuities += start.isDiscontinuity ? 1 : 0;
    Segment segment;
    segment.number = m_next.segment;
    segment.at = start.at;
    segment.isDiscontinuity = start.isDiscontinuity;
    segment.discontinuities = m_discontinuities;
    segment.init = m_init;
    m_segments.push_back(std::move(segment));
}

void Shelf::partMade(Part part)
{
    Segment& segment = m_segments.back();
    const std::size_t size = part.bytes->size();
    const std::string name = std::to_string(m_next.segment) + "." + std::to_string(m_next.part);
    segment.parts.push_back({part.durationMs, part.isIndependent,
                             http_flv::makeReply(200, mediaFields, {std::move(part.bytes)}, etagOf(m_tag, name))});
    segment.durationMs += part.durationMs;
    segment.bytes += size;
    m_bytes += size;
    ++m_next.part;
}

void Shelf::segmentEnded()
{
    Segment& segment = m_segments.back();
    segment.isComplete = true;
    std::vector<SharedBytes> pieces;
    for (const ShelvedPart& part : segment.parts)
        pieces.push_back(part.reply->body.front());
    segment.reply =
        http_flv::makeReply(200, mediaFields, std::move(pieces), etagOf(m_tag, std::to_string(segment.number)));
    m_next = {segment.number + 1, 0};
}

void Shelf::trim(std::size_t mostBytes)
{
    const auto durationFrom = [this](std::size_t first) {
        int sum = 0;
        for (std::size_t i = first; i < m_segments.size(); ++i)
            sum += m_segments[i].durationMs;
        return Duration(sum);
    };
    const auto mostListed = static_cast<std::size_t>(std::max<Duration::rep>(60, m_window.count() / 500));
    const auto isMuch = [&] { return m_bytes > mostBytes; };
    const auto mayHide = [&] { return m_firstListed + leastListed < m_segments.size(); };
    while (mayHide() && (durationFrom(m_firstListed + 1) >= m_window || m_segments.size() - m_firstListed > mostListed))
        ++m_firstListed;
    // Those that left the playlist go first.
    while (isMuch() && (m_firstListed > 0 || mayHide())) {
        m_firstListed = std::max<std::size_t>(m_firstListed, 1);
        removeFirst();
    }
    while (m_firstListed > 0 && (durationFrom(1) >= 2 * m_window || m_firstListed > mostListed))
        removeFirst();
}

// Which is not in the playlist.
void Shelf::removeFirst()
{
    m_bytes -= m_segments.front().bytes;
    m_segments.pop_front();
    --m_firstListed;
}

const Segment* Shelf::find(std::uint64_t number) const
{
    if (m_segments.empty() || number < m_segments.front().number || number > m_segments.back().number)
        return nullptr;
    return &m_segments[static_cast<std::size_t>(number - m_segments.front().number)];
}

http_flv::SharedReply Shelf::initReply(std::uint64_t number) const
{
    const auto found =
        std::ranges::find_if(m_segments, [&](const Segment& segment) { return segment.init->number == number; });
    return found == m_segments.end() ? nullptr : found->init->reply;
}

}  // namespace headgate::hls
