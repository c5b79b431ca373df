#include "core/media/hub/stream_meter.h"

#include <algorithm>
#include <tuple>

namespace headgate {

namespace {

constexpr Duration window{2000};

FrameKind frameKindOf(TrackKind kind)
{
    return kind == TrackKind::Video ? FrameKind::Video : FrameKind::Audio;
}

}  // namespace

void StreamMeter::add(const MediaFrame& frame, MonotonicTime now)
{
    m_last = now;
    forgetOld(now);
    if (frame.isMetadata()) {
        m_announcedSize = pictureSizeOfMetadata(frame.body());
        m_announcedRate = frameRateOfMetadata(frame.body());
    }
    // Each track with what stands before it, so that together they are the whole.
    std::size_t told = 0;
    const auto take = [&](const BodyDescription& part) {
        const std::size_t end = part.headerSize + part.payloadSize;
        count(frame, part.track, end - told, now);
        told = end;
        const TrackKind kind = frame.kind() == FrameKind::Video ? TrackKind::Video : TrackKind::Audio;
        if (TrackMeter* const meter = meterOf(kind, part.track))
            meter->add(frame, part, now);
    };
    if (frame.kind() == FrameKind::Video)
        forEachVideoTrack(frame.body(), take);
    else if (frame.kind() == FrameKind::Audio)
        forEachAudioTrack(frame.body(), take);
    else
        count(frame, 0, 0, now);
    // All of a script; of the others what is cut off.
    const std::size_t rest = frame.body().size() - told;
    m_arrivals.back().bytes += rest;
    m_bytes += static_cast<std::int64_t>(rest);
}

void StreamMeter::count(const MediaFrame& frame, int track, std::size_t bytes, MonotonicTime now)
{
    m_arrivals.push_back(Arrival{now, bytes, frame.timestampMs(), frame.kind(), track, frame.isEssential()});
    m_bytes += static_cast<std::int64_t>(bytes);
}

TrackMeter* StreamMeter::meterOf(TrackKind kind, int number)
{
    const auto isIt = [&](const TrackMeter& meter) {
        return meter.track().kind == kind && meter.track().number == number;
    };
    const auto found = std::ranges::find_if(m_tracks, isIt);
    if (found != m_tracks.end())
        return &*found;
    return m_tracks.size() < mostTracks ? &m_tracks.emplace_back(kind, number) : nullptr;
}

const TrackMeter* StreamMeter::leading(TrackKind kind) const
{
    const auto isIt = [&](const TrackMeter& meter) { return meter.track().kind == kind && meter.track().number == 0; };
    const auto found = std::ranges::find_if(m_tracks, isIt);
    return found != m_tracks.end() ? &*found : nullptr;
}

void StreamMeter::describe(StreamReport& report, MonotonicTime now)
{
    report.bitsPerSecond = bitsPerSecond(now);
    report.sinceLastFrameMs = static_cast<int>(std::min<Duration::rep>(sinceLastFrame(now).count(), 1 << 30));
    report.jitterMs = timing().jitterMs;
    if (const TrackMeter* const audio = leading(TrackKind::Audio))
        report.audioCodec = audio->track().codec;
    // Where the configuration cannot be read, the metadata may tell.
    report.width = m_announcedSize.width;
    report.height = m_announcedSize.height;
    const TrackMeter* const video = leading(TrackKind::Video);
    if (!video)
        return;
    StreamTrack track = video->track();
    addRates(track, now);
    report.videoCodec = track.codec;
    report.framesPerSecond = track.framesPerSecond;
    report.keyFrameIntervalMs = track.gopMs;
    if (track.width > 0) {
        report.width = track.width;
        report.height = track.height;
    }
}

std::vector<StreamTrack> StreamMeter::tracks(MonotonicTime now)
{
    forgetOld(now);
    std::vector<StreamTrack> tracks;
    for (const TrackMeter& meter : m_tracks) {
        StreamTrack& track = tracks.emplace_back(meter.track());
        addRates(track, now);
        if (track.kind != TrackKind::Video || track.number != 0)
            continue;
        track.declaredFramesPerSecond = m_announcedRate;
        if (track.width == 0) {
            track.width = m_announcedSize.width;
            track.height = m_announcedSize.height;
        }
    }
    std::ranges::sort(tracks, {}, [](const StreamTrack& track) { return std::tuple(track.kind, track.number); });
    return tracks;
}

StreamTiming StreamMeter::timing() const
{
    StreamTiming timing;
    const TrackMeter* const video = leading(TrackKind::Video);
    const TrackMeter* const audio = leading(TrackKind::Audio);
    if (const TrackMeter* const leader = video ? video : audio)
        timing.jitterMs = leader->jitterMs();
    if (video && audio && video->hasTime() && audio->hasTime())
        timing.driftMs = audio->aheadMs() - video->aheadMs();
    for (const TrackMeter& meter : m_tracks)
        timing.timestampJumps += meter.jumps();
    return timing;
}

void StreamMeter::addRates(StreamTrack& track, MonotonicTime now) const
{
    std::int64_t bytes = 0;
    int count = 0;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    for (const Arrival& arrival : m_arrivals) {
        if (arrival.kind != frameKindOf(track.kind) || arrival.track != track.number)
            continue;
        bytes += static_cast<std::int64_t>(arrival.bytes);
        if (arrival.isEssential)
            continue;
        first = count++ == 0 ? arrival.timestampMs : first;
        last = arrival.timestampMs;
    }
    track.bitsPerSecond = bitRate(bytes, now);
    const auto span = static_cast<std::int32_t>(last - first);
    if (track.kind == TrackKind::Video && count > 1 && span > 0)
        track.framesPerSecond = (count - 1) * 1000.0 / span;
}

void StreamMeter::forgetOld(MonotonicTime now)
{
    while (!m_arrivals.empty() && now - m_arrivals.front().at > window) {
        m_bytes -= static_cast<std::int64_t>(m_arrivals.front().bytes);
        m_arrivals.pop_front();
    }
}

std::int64_t StreamMeter::bitRate(std::int64_t bytes, MonotonicTime now) const
{
    constexpr Duration shortest{500};
    const auto elapsed = std::clamp(std::chrono::duration_cast<Duration>(now - m_start), shortest, window);
    return bytes * 8 * 1000 / elapsed.count();
}

std::int64_t StreamMeter::bitsPerSecond(MonotonicTime now)
{
    forgetOld(now);
    std::int64_t bytes = m_bytes;
    for (const Arrival& arrival : m_arrivals) {
        const bool isOfLayer = arrival.kind == FrameKind::Video && arrival.track >= firstLayerTrack;
        bytes -= isOfLayer ? static_cast<std::int64_t>(arrival.bytes) : 0;
    }
    return bitRate(bytes, now);
}

Duration StreamMeter::sinceLastFrame(MonotonicTime now) const
{
    return std::chrono::duration_cast<Duration>(now - m_last.value_or(m_start));
}

}  // namespace headgate
