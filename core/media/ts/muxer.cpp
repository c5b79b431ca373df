#include "core/media/ts/muxer.h"

#include "core/media/flv/bit_reader.h"
#include "core/media/flv/tag_body.h"
#include "core/media/ts/nal_units.h"

#include <algorithm>
#include <array>

namespace headgate::ts {

namespace {

constexpr std::uint16_t programPid = 0x1000;
constexpr std::uint16_t videoPid = 0x100;
constexpr std::uint16_t audioPid = 0x101;
constexpr std::uint32_t tablePeriodMs = 500;
// The clock is so far behind what is decoded at it; all is later by a second, so that no time is below zero.
constexpr std::uint64_t clockAheadTicks = 200 * ticksPerMs;
constexpr std::uint64_t offsetTicks = 1000 * ticksPerMs;

ByteView payloadOf(const MediaFrame& frame, const BodyDescription& description)
{
    return ByteView(frame.body()).subspan(description.headerSize, description.payloadSize);
}

std::optional<Codec> videoCodecOf(std::string_view name)
{
    if (name == "H.264")
        return Codec::Avc;
    return name == "HEVC" ? std::optional(Codec::Hevc) : std::nullopt;
}

// 2.4.3.7.
void appendTime(Bytes& out, std::uint32_t marker, std::uint64_t time)
{
    appendU8(out, marker << 4 | static_cast<std::uint32_t>(time >> 30 & 7) << 1 | 1);
    appendU16(out, static_cast<std::uint32_t>(time >> 15 & 0x7FFF) << 1 | 1);
    appendU16(out, static_cast<std::uint32_t>(time & 0x7FFF) << 1 | 1);
}

// 2.4.3.5: base of 33 bits, six ones, no extension.
void appendClock(Bytes& out, std::uint64_t time)
{
    appendU32(out, static_cast<std::uint32_t>(time >> 1));
    appendU16(out, static_cast<std::uint32_t>(time & 1) << 15 | 0x7E00);
}

void appendHeader(Bytes& out, std::uint16_t pid, bool isStart, bool hasField, std::uint8_t& counter)
{
    appendU8(out, syncByte);
    appendU16(out, (isStart ? 0x4000u : 0u) | pid);
    appendU8(out, (hasField ? 0x30u : 0x10u) | counter);
    counter = (counter + 1) & 0x0F;
}

Bytes unitHeader(std::uint8_t streamId, std::uint64_t showAt, std::uint64_t decodeAt, std::size_t contentSize)
{
    const bool hasBoth = showAt != decodeAt;
    const std::size_t timesSize = hasBoth ? 10 : 5;
    const std::size_t length = 3 + timesSize + contentSize;
    const bool isPicture = (streamId & 0xF0) == 0xE0;
    Bytes header{0, 0, 1, streamId};
    // Pictures may be of unknown length, and longer than 16 bits tell.
    appendU16(header, isPicture || length > 0xFFFF ? 0 : static_cast<std::uint32_t>(length));
    appendU8(header, 0x84);
    appendU8(header, hasBoth ? 0xC0 : 0x80);
    appendU8(header, static_cast<std::uint32_t>(timesSize));
    appendTime(header, hasBoth ? 3 : 2, showAt);
    if (hasBoth)
        appendTime(header, 1, decodeAt);
    return header;
}

// A stream of the program's table.
void appendStream(Bytes& section, Codec codec, std::uint16_t pid, ByteView descriptors = {})
{
    appendU8(section, streamTypeOf(codec));
    appendU16(section, 0xE000u | pid);
    appendU16(section, 0xF000u | static_cast<std::uint32_t>(descriptors.size()));
    appendView(section, descriptors);
}

}  // namespace

Bytes Muxer::add(const MediaFrame& frame)
{
    if (frame.kind() == FrameKind::Script || frame.isMetadata() || frame.isVideoMetadata() || frame.track() != 0)
        return {};
    const bool isVideo = frame.kind() == FrameKind::Video;
    if (frame.isSequenceHeader()) {
        isVideo ? configureVideo(frame) : configureAudio(frame);
        return {};
    }
    const Bytes content = isVideo ? pictureOf(frame) : soundOf(frame);
    if (content.empty())
        return {};
    Bytes out;
    out.reserve(content.size() + content.size() / 20 + 4 * packetSize);
    if (m_areTablesDue || frame.isKeyFrame() || frame.timestampMs() - m_tablesAtMs >= tablePeriodMs) {
        appendTables(out);
        m_areTablesDue = false;
        m_tablesAtMs = frame.timestampMs();
    }
    // 2^32 ms are a whole number of times 33 bits of ticks.
    const std::uint64_t decodeAt = std::uint64_t{frame.timestampMs()} * ticksPerMs + offsetTicks;
    const auto ahead = static_cast<std::uint64_t>(frame.compositionOffsetMs() * ticksPerMs);
    Unit unit{videoPid, 0xE0, &m_videoCounter, frame.isKeyFrame(), decodeAt & timeMask, (decodeAt + ahead) & timeMask};
    if (!isVideo) {
        unit.pid = audioPid;
        unit.streamId = m_audio->codec == Codec::Aac ? 0xC0 : 0xBD;
        unit.counter = &m_audioCounter;
    }
    appendUnit(out, unit, content);
    return out;
}

void Muxer::configureVideo(const MediaFrame& frame)
{
    const BodyDescription description = describeVideoBody(frame.body());
    const auto codec = videoCodecOf(description.codec);
    const auto content = codec ? contentOfRecord(*codec, payloadOf(frame, description)) : std::nullopt;
    const auto next = content ? std::optional(Video{*codec, content->lengthSize, content->sets}) : std::nullopt;
    if (next == m_video)
        return;
    const bool isOther = next.has_value() != m_video.has_value() || (next && next->codec != m_video->codec);
    m_version = (m_version + (isOther ? 1 : 0)) & 0x1F;
    m_areTablesDue = true;
    m_video = next;
}

// ISO 14496-3, 1.6.2.1: what ADTS tells of it. Spectral band replication is found by decoders themselves.
void Muxer::configureAudio(const MediaFrame& frame)
{
    constexpr std::uint32_t lowComplexity = 2;
    const BodyDescription description = describeAudioBody(frame.body());
    const ByteView payload = payloadOf(frame, description);
    std::optional<Audio> next;
    if (description.codec == "AAC") {
        BitReader reader(payload);
        Audio aac{Codec::Aac, reader.bits(5), reader.bits(4), 0};
        if (aac.rateIndex < 13) {
            aac.channels = reader.bits(4);
            aac.objectType = aac.objectType > 4 ? lowComplexity : aac.objectType;
            if (reader.ok() && aac.objectType > 0 && aac.channels < 8)
                next = aac;
        }
    } else if (description.codec == "Opus") {
        constexpr std::size_t channelsAt = 9;
        const std::uint32_t channels = payload.size() > channelsAt ? payload[channelsAt] : 2u;
        if (channels == 1 || channels == 2)
            next = Audio{Codec::Opus, 0, 0, channels};
    }
    if (next == m_audio)
        return;
    m_version = (m_version + 1) & 0x1F;
    m_areTablesDue = true;
    m_audio = next;
}

Bytes Muxer::pictureOf(const MediaFrame& frame) const
{
    const BodyDescription description = describeVideoBody(frame.body());
    if (!m_video || !description.isCodedFrame || videoCodecOf(description.codec) != m_video->codec)
        return {};
    Bytes units;
    const ByteView payload = payloadOf(frame, description);
    units.reserve(payload.size() + m_video->sets.size() + 64);
    bool hasSets = false;
    bool hasAny = false;
    forEachSizedUnit(payload, m_video->lengthSize, [&](ByteView unit) {
        const NalRole role = roleOf(m_video->codec, unit);
        if (role == NalRole::Delimiter)
            return;
        hasSets = hasSets || role == NalRole::SequenceSet;
        hasAny = true;
        appendStartCode(units);
        appendView(units, unit);
    });
    if (!hasAny)
        return {};
    // Each access unit begins with a delimiter (2.14.1), key frames go on with the sets.
    Bytes content;
    content.reserve(units.size() + m_video->sets.size() + 8);
    appendStartCode(content);
    const Bytes avcDelimiter{0x09, 0xF0};
    const Bytes hevcDelimiter{0x46, 0x01, 0x50};
    appendView(content, m_video->codec == Codec::Avc ? avcDelimiter : hevcDelimiter);
    if (frame.isKeyFrame() && !hasSets)
        appendView(content, m_video->sets);
    appendView(content, units);
    return content;
}

Bytes Muxer::soundOf(const MediaFrame& frame) const
{
    constexpr std::size_t headerSize = 7;
    constexpr std::size_t largestFrame = 0x1FFF;
    const BodyDescription description = describeAudioBody(frame.body());
    const ByteView payload = payloadOf(frame, description);
    if (!m_audio || !description.isCodedFrame || payload.empty())
        return {};
    Bytes content;
    if (m_audio->codec == Codec::Aac) {
        const auto size = static_cast<std::uint32_t>(payload.size() + headerSize);
        if (description.codec != "AAC" || size > largestFrame)
            return {};
        appendU16(content, 0xFFF1);
        appendU8(content, (m_audio->objectType - 1) << 6 | m_audio->rateIndex << 2 | m_audio->channels >> 2);
        appendU8(content, m_audio->channels << 6 | size >> 11);
        appendU8(content, size >> 3);
        appendU16(content, size << 13 | 0x1FFC);
    } else {
        if (description.codec != "Opus")
            return {};
        appendU16(content, 0x7FE0);
        std::size_t rest = payload.size();
        for (; rest >= 255; rest -= 255)
            appendU8(content, 255);
        appendU8(content, static_cast<std::uint32_t>(rest));
    }
    appendView(content, payload);
    return content;
}

// 2.4.4.3 and 2.4.4.8.
void Muxer::appendTables(Bytes& out)
{
    Bytes programs{0x00, 0, 0, 0, 1, 0xC1, 0, 0, 0, 1};
    appendU16(programs, 0xE000u | programPid);
    appendSection(out, 0, m_programsCounter, std::move(programs));
    Bytes program{0x02, 0, 0, 0, 1, static_cast<std::uint8_t>(0xC1 | m_version << 1), 0, 0};
    appendU16(program, 0xE000u | (m_video ? videoPid : audioPid));
    appendU16(program, 0xF000);
    if (m_video)
        appendStream(program, m_video->codec, videoPid);
    if (m_audio && m_audio->codec == Codec::Opus) {
        const Bytes descriptors{registrationTag,
                                4,
                                'O',
                                'p',
                                'u',
                                's',
                                extensionTag,
                                2,
                                opusExtension,
                                static_cast<std::uint8_t>(m_audio->channels)};
        appendStream(program, Codec::Opus, audioPid, descriptors);
    } else if (m_audio) {
        appendStream(program, m_audio->codec, audioPid);
    }
    appendSection(out, programPid, m_programCounter, std::move(program));
}

// In one packet, after a pointer; length and check value are put in here.
void Muxer::appendSection(Bytes& out, std::uint16_t pid, std::uint8_t& counter, Bytes section) const
{
    constexpr std::size_t crcSize = 4;
    const std::size_t length = section.size() - 3 + crcSize;
    section[1] = static_cast<std::uint8_t>(0xB0 | length >> 8);
    section[2] = static_cast<std::uint8_t>(length);
    const std::uint32_t crc = sectionCrc(section);
    appendU32(section, crc);
    const std::size_t end = out.size() + packetSize;
    appendHeader(out, pid, true, false, counter);
    appendU8(out, 0);
    appendView(out, section);
    out.resize(end, 0xFF);
}

void Muxer::appendUnit(Bytes& out, const Unit& unit, ByteView content) const
{
    constexpr std::size_t payloadSize = packetSize - 4;
    constexpr std::size_t clockFieldSize = 8;
    const Bytes header = unitHeader(unit.streamId, unit.showAt, unit.decodeAt, content.size());
    const bool hasClock = unit.pid == (m_video ? videoPid : audioPid);
    ByteView first = header;
    bool isStart = true;
    while (!first.empty() || !content.empty()) {
        const std::size_t left = first.size() + content.size();
        std::size_t fieldSize = isStart ? (hasClock ? clockFieldSize : unit.isKeyFrame ? 2 : 0) : 0;
        fieldSize = std::max(fieldSize, left < payloadSize ? payloadSize - left : 0);
        appendHeader(out, unit.pid, isStart, fieldSize > 0, *unit.counter);
        const std::size_t fieldEnd = out.size() + fieldSize;
        if (fieldSize > 0)
            appendU8(out, static_cast<std::uint32_t>(fieldSize - 1));
        if (fieldSize > 1)
            appendU8(out, isStart ? (unit.isKeyFrame ? 0x40u : 0u) | (hasClock ? 0x10u : 0u) : 0u);
        if (isStart && hasClock)
            appendClock(out, (unit.decodeAt - clockAheadTicks) & timeMask);
        out.resize(fieldEnd, 0xFF);
        const std::size_t fromHeader = std::min(first.size(), payloadSize - fieldSize);
        appendView(out, first.first(fromHeader));
        first = first.subspan(fromHeader);
        const std::size_t fromContent = std::min(content.size(), payloadSize - fieldSize - fromHeader);
        appendView(out, content.first(fromContent));
        content = content.subspan(fromContent);
        isStart = false;
    }
}

std::string leftOutWith(const MediaFrame& header)
{
    if (header.kind() != FrameKind::Video || !header.isSequenceHeader())
        return {};
    const std::string_view codec = describeVideoBody(header.body()).codec;
    return codec.empty() || videoCodecOf(codec) ? std::string()
                                                : "gets no pictures, since MPEG-TS carries no " + std::string(codec);
}

}  // namespace headgate::ts
