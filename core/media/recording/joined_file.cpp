#include "core/media/recording/joined_file.h"

#include "core/media/flv/flv_tag.h"
#include "core/media/fmp4/box.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

namespace headgate::recording {

namespace {

constexpr std::size_t boxHeadSize = 8;
constexpr std::size_t fullBoxHeadSize = 12;
constexpr std::size_t flvHeadSize = 13;  // with the size of the tag before the first
constexpr std::size_t mostHeldBytes = 4 << 20;

std::uint32_t u32At(ByteView bytes, std::size_t at)
{
    return ByteReader(bytes.subspan(std::min(at, bytes.size()))).u32();
}

std::uint64_t u64At(ByteView bytes, std::size_t at)
{
    return std::uint64_t{u32At(bytes, at)} << 32 | u32At(bytes, at + 4);
}

// Calls use(type, offset of the box, its bytes) for each box in a row; false if they do not fill it.
bool forEachBox(ByteView row, const std::function<bool(std::string_view type, std::size_t at, ByteView box)>& use)
{
    for (std::size_t at = 0; at < row.size();) {
        const std::size_t size = u32At(row, at);
        if (row.size() - at < boxHeadSize || size < boxHeadSize || size > row.size() - at)
            return false;
        const ByteView box = row.subspan(at, size);
        if (!use(textOf(box.subspan(4, 4)), at, box))
            return false;
        at += size;
    }
    return true;
}

// The first box of that type in a row; empty if there is none.
ByteView findBox(ByteView row, std::string_view type)
{
    ByteView found;
    forEachBox(row, [&](std::string_view present, std::size_t, ByteView box) {
        if (present == type && found.empty())
            found = box;
        return true;
    });
    return found;
}

ByteView contentOf(ByteView box)
{
    return box.subspan(std::min(box.size(), boxHeadSize));
}

// Where in a fragment each track's time stands, with the track.
struct TimePlace
{
    std::uint32_t track = 0;
    std::size_t at = 0;
    std::uint64_t time = 0;
};

std::optional<std::vector<TimePlace>> timesIn(ByteView fragment)
{
    std::vector<TimePlace> places;
    const bool isSound = forEachBox(contentOf(fragment), [&](std::string_view type, std::size_t at, ByteView box) {
        if (type != "traf")
            return true;
        TimePlace place;
        const bool isRead =
            forEachBox(contentOf(box), [&](std::string_view inner, std::size_t innerAt, ByteView content) {
                if (inner == "tfhd")
                    place.track = u32At(content, fullBoxHeadSize);
                if (inner != "tfdt")
                    return true;
                constexpr std::size_t size = fullBoxHeadSize + 8;
                place.at = 2 * boxHeadSize + at + innerAt + fullBoxHeadSize;
                place.time = u64At(content, fullBoxHeadSize);
                return content.size() == size && content[boxHeadSize] == 1;
            });
        if (place.at != 0)
            places.push_back(place);
        return isRead && place.at != 0;
    });
    return isSound ? std::optional(std::move(places)) : std::nullopt;
}

}  // namespace

std::vector<JoinedFile::Stretch> JoinedFile::stretchesOf(const RecordingManifest& manifest)
{
    std::vector<Stretch> stretches;
    for (const RecordedSegment& segment : manifest.segments) {
        std::int64_t offset = stretches.empty() ? 0 : segment.initBytes;
        // What a decoder needs may be new there; of fMP4 it is the same, or there is no one file.
        if (manifest.format == RecordingFormat::Flv && segment.isDiscontinuity && !stretches.empty())
            offset = std::min<std::int64_t>(flvHeadSize, segment.initBytes);
        if (segment.bytes > offset)
            stretches.push_back({segment.file, offset, segment.bytes - offset});
    }
    return stretches;
}

Result<Bytes> JoinedFile::take(ByteView bytes)
{
    Bytes out;
    out.reserve(bytes.size() + m_held.size());
    while (!bytes.empty()) {
        const bool isPassing = m_toPass > 0;
        const std::uint64_t most = isPassing ? m_toPass : wanted() - m_held.size();
        const ByteView taken = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(most, bytes.size())));
        bytes = bytes.subspan(taken.size());
        appendView(isPassing ? out : m_held, taken);
        if (isPassing) {
            m_toPass -= taken.size();
            continue;
        }
        const bool isEnough = m_held.size() >= wanted();
        if (wanted() > mostHeldBytes || (isEnough && !readHeld()))
            return fail(ErrorCode::InvalidArgument, "A file of the recording is not what was recorded.");
        if (!isEnough)
            continue;
        m_isStarted = m_isStarted || m_format == RecordingFormat::Flv;
        appendView(out, m_held);
        m_held.clear();
    }
    return out;
}

void JoinedFile::enter(std::size_t stretch)
{
    // Numbers of fragments only have to grow (ISO/IEC 14496-12, 8.8.5).
    constexpr std::uint32_t mostFragments = 16'384;
    m_held.clear();
    m_toPass = 0;
    m_sequence = static_cast<std::uint32_t>(stretch) * mostFragments;
}

// So much is held back at once: a head, and of a movie or fragment all of it.
std::size_t JoinedFile::wanted() const
{
    if (m_format == RecordingFormat::Flv)
        return m_isStarted ? flvTagHeaderSize : flvHeadSize;
    if (m_held.size() < boxHeadSize)
        return boxHeadSize;
    const std::string_view type = textOf(ByteView(m_held).subspan(4, 4));
    return type == "moov" || type == "moof" ? u32At(m_held, 0) : boxHeadSize;
}

bool JoinedFile::readHeld()
{
    return m_format == RecordingFormat::Flv ? readTag() : readBox();
}

bool JoinedFile::readBox()
{
    const std::size_t size = u32At(m_held, 0);
    const std::string_view type = textOf(ByteView(m_held).subspan(4, 4));
    if (size < boxHeadSize)
        return false;
    if (type == "moov")
        return readMovie(m_held);
    if (type == "moof")
        return changeFragment();
    m_toPass = size - boxHeadSize;
    return true;
}

bool JoinedFile::readMovie(ByteView movie)
{
    return forEachBox(contentOf(movie), [this](std::string_view type, std::size_t, ByteView box) {
        if (type != "trak")
            return true;
        const ByteView head = findBox(contentOf(box), "tkhd");
        const ByteView media = findBox(contentOf(findBox(contentOf(box), "mdia")), "mdhd");
        const std::uint32_t id = u32At(head, fullBoxHeadSize + 8);
        const std::uint32_t timescale = u32At(media, fullBoxHeadSize + 8);
        m_tracks[id] = Track{timescale, 0};
        return timescale > 0 && m_tracks.size() <= 2;
    });
}

// The earlier of the first times is 0, to the millisecond, so that sound and picture stay together.
bool JoinedFile::setBegin(ByteView fragment)
{
    const auto places = timesIn(fragment);
    if (!places)
        return false;
    std::uint64_t firstMs = std::numeric_limits<std::uint64_t>::max();
    for (const TimePlace& place : *places) {
        const auto track = m_tracks.find(place.track);
        if (track == m_tracks.end() || place.time > std::numeric_limits<std::uint64_t>::max() / 1000)
            return false;
        firstMs = std::min(firstMs, place.time * 1000 / track->second.timescale);
    }
    for (auto& [id, track] : m_tracks)
        track.begin = firstMs / 1000 * track.timescale + firstMs % 1000 * track.timescale / 1000;
    return !places->empty();
}

bool JoinedFile::changeFragment()
{
    if (!m_isStarted && !setBegin(m_held))
        return false;
    m_isStarted = true;
    const auto places = timesIn(m_held);
    const ByteView head = findBox(contentOf(m_held), "mfhd");
    if (!places || head.size() != fullBoxHeadSize + 4)
        return false;
    fmp4::Box::putU32(m_held, static_cast<std::size_t>(head.data() - m_held.data()) + fullBoxHeadSize, ++m_sequence);
    for (const TimePlace& place : *places) {
        const auto track = m_tracks.find(place.track);
        if (track == m_tracks.end())
            return false;
        const std::uint64_t time = place.time - std::min(place.time, track->second.begin);
        fmp4::Box::putU32(m_held, place.at, static_cast<std::uint32_t>(time >> 32));
        fmp4::Box::putU32(m_held, place.at + 4, static_cast<std::uint32_t>(time));
    }
    return true;
}

// The head of the file, or of a tag, whose time is changed.
bool JoinedFile::readTag()
{
    if (!m_isStarted)
        return textOf(ByteView(m_held).first(3)) == "FLV";
    ByteReader reader(m_held);
    reader.u8();
    m_toPass = std::uint64_t{reader.u24()} + flvTagTrailerSize;
    std::uint32_t time = reader.u24();
    time |= reader.u8() << 24;
    if (!m_firstMs)
        m_firstMs = time;
    // The difference holds over the wrap-around; nothing is before the first.
    const auto since = static_cast<std::uint32_t>(std::max(static_cast<std::int32_t>(time - *m_firstMs), 0));
    m_held[4] = static_cast<std::uint8_t>(since >> 16);
    m_held[5] = static_cast<std::uint8_t>(since >> 8);
    m_held[6] = static_cast<std::uint8_t>(since);
    m_held[7] = static_cast<std::uint8_t>(since >> 24);
    return true;
}

}  // namespace headgate::recording
