#include "core/media/rtsp/description.h"

#include "core/media/flv/bit_reader.h"
#include "core/media/flv/tag_body.h"
#include "core/media/flv/track_format.h"
#include "core/media/rtsp/message.h"
#include "core/media/ts/nal_units.h"
#include "core/wire/base64.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace headgate::rtsp {

namespace {

constexpr std::size_t mostMedia = 8;

struct Media
{
    std::string_view kind;
    std::string_view protocol;
    int payloadType = -1;
    std::string_view encoding;  // "H264/90000"
    std::string_view parameters;
    std::string_view control;
};

int numberOf(std::string_view text)
{
    int value = -1;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} ? value : -1;
}

void takeAttribute(Media& media, std::string_view attribute)
{
    const std::string_view name = takePiece(attribute, ':');
    if (name == "control") {
        media.control = trimmed(attribute);
        return;
    }
    if (name != "rtpmap" && name != "fmtp")
        return;
    if (numberOf(takePiece(attribute, ' ')) == media.payloadType)
        (name == "rtpmap" ? media.encoding : media.parameters) = trimmed(attribute);
}

std::vector<Media> readMedia(std::string_view sdp)
{
    std::vector<Media> all;
    while (!sdp.empty() && all.size() <= mostMedia) {
        std::string_view line = takePiece(sdp, '\n');
        if (line.starts_with("m=")) {
            line.remove_prefix(2);
            Media& media = all.emplace_back();
            media.kind = takePiece(line, ' ');
            takePiece(line, ' ');
            media.protocol = takePiece(line, ' ');
            media.payloadType = numberOf(takePiece(line, ' '));
        } else if (line.starts_with("a=") && !all.empty()) {
            takeAttribute(all.back(), line.substr(2));
        }
    }
    return all;
}

std::string_view parameter(std::string_view parameters, std::string_view lowerName)
{
    while (!parameters.empty()) {
        std::string_view one = takePiece(parameters, ';');
        if (isSameWord(takePiece(one, '='), lowerName))
            return trimmed(one);
    }
    return {};
}

std::vector<Bytes> setsOf(std::string_view parameters)
{
    std::vector<Bytes> sets;
    for (const char* const name : {"sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"}) {
        for (std::string_view list = parameter(parameters, name); !list.empty();) {
            const auto set = base64Decoded(takePiece(list, ','));
            if (set && !set->empty())
                sets.emplace_back(set->begin(), set->end());
        }
    }
    return sets;
}

std::optional<Bytes> fromHex(std::string_view text)
{
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        std::uint32_t byte = 0;
        const auto read = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        if (read.ec != std::errc{} || read.ptr != text.data() + i + 2)
            return std::nullopt;
        appendU8(bytes, byte);
    }
    return bytes.size() < 2 ? std::nullopt : std::optional(std::move(bytes));
}

// ISO 14496-3, 1.7.3.1: StreamMuxConfig of one program and layer, and its AudioSpecificConfig of two bytes.
std::optional<Bytes> soundOfMuxConfig(ByteView bytes)
{
    constexpr std::uint32_t low = 2, otherRate = 15;
    BitReader reader(bytes);
    const bool isPlain = reader.bits(1) == 0 && reader.bits(1) == 1 && reader.bits(6 + 4 + 3) == 0;
    const std::uint32_t sound = reader.bits(16);
    if (!isPlain || !reader.ok() || sound >> 11 != low || (sound >> 7 & 15) == otherRate)
        return std::nullopt;
    return Bytes{static_cast<std::uint8_t>(sound >> 8), static_cast<std::uint8_t>(sound)};
}

tl::unexpected<Error> failUnsupported(const Media& media, std::string_view what)
{
    return fail(ErrorCode::Unsupported,
                "The " + std::string(media.kind) + " is " + std::string(what) + ", which is not taken over RTSP.",
                "Publish H.264 or H.265 with AAC (mpeg4-generic in mode AAC-hbr, or MP4A-LATM) or Opus, a track of "
                "each kind at most.");
}

Result<TrackDescription> readTrack(const Media& media)
{
    constexpr int largestRate = 192'000;
    std::string_view rest = media.encoding;
    const std::string_view name = takePiece(rest, '/');
    TrackDescription track;
    track.payloadType = media.payloadType;
    track.clockRate = numberOf(takePiece(rest, '/'));
    track.control = media.control;
    if (!media.protocol.starts_with("RTP/AVP"))
        return failUnsupported(media, media.protocol);
    if (isSameWord(name, "h264") || isSameWord(name, "h265")) {
        track.codec = isSameWord(name, "h264") ? ts::Codec::Avc : ts::Codec::Hevc;
        track.sets = setsOf(media.parameters);
    } else if (isSameWord(name, "mpeg4-generic")) {
        const auto configuration = fromHex(parameter(media.parameters, "config"));
        if (!isSameWord(parameter(media.parameters, "mode"), "aac-hbr") || !configuration)
            return failUnsupported(media, "mpeg4-generic of another mode than AAC-hbr, or without its configuration");
        track.codec = ts::Codec::Aac;
        track.configuration = *configuration;
    } else if (isSameWord(name, "mp4a-latm")) {
        const auto configuration = fromHex(parameter(media.parameters, "config"));
        const auto sound = configuration ? soundOfMuxConfig(*configuration) : std::nullopt;
        if (parameter(media.parameters, "cpresent") != "0" || !sound)
            return failUnsupported(media, "MP4A-LATM with several tracks, or without its configuration beside it");
        track.codec = ts::Codec::Aac;
        track.configuration = *sound;
        track.isLatm = true;
    } else if (isSameWord(name, "opus")) {
        track.codec = ts::Codec::Opus;
    } else {
        return failUnsupported(media, name.empty() ? "of an unknown encoding" : name);
    }
    if (track.clockRate <= 0 || track.clockRate > largestRate || track.payloadType < 0 || track.payloadType > 127 ||
        track.isVideo() != (media.kind == "video"))
        return fail(ErrorCode::InvalidArgument, "The description of the " + std::string(media.kind) + " is malformed.");
    return track;
}

std::string hexOf(ByteView bytes)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string joined(const std::vector<Bytes>& sets, ts::Codec codec, ts::NalRole role)
{
    std::string text;
    for (const Bytes& set : sets) {
        if (ts::roleOf(codec, set) == role)
            text.append(text.empty() ? "" : ",").append(base64Encoded(textOf(set)));
    }
    return text;
}

struct Encoding
{
    std::string name;  // with the clock's rate and what else there is
    std::string parameters;
};

Encoding encodingOf(const TrackDescription& track)
{
    const std::string rate = "/" + std::to_string(track.clockRate);
    switch (track.codec) {
    case ts::Codec::Avc: {
        std::string profile;
        for (const Bytes& set : track.sets) {
            if (ts::roleOf(track.codec, set) == ts::NalRole::SequenceSet && set.size() > 3 && profile.empty())
                profile = hexOf(ByteView(set).subspan(1, 3));
        }
        std::string sets = joined(track.sets, track.codec, ts::NalRole::SequenceSet);
        sets.append(",").append(joined(track.sets, track.codec, ts::NalRole::PictureSet));
        return {"H264" + rate, "packetization-mode=1;profile-level-id=" + profile + ";sprop-parameter-sets=" + sets};
    }
    case ts::Codec::Hevc:
        return {"H265" + rate, "sprop-vps=" + joined(track.sets, track.codec, ts::NalRole::VideoSet) +
                                   ";sprop-sps=" + joined(track.sets, track.codec, ts::NalRole::SequenceSet) +
                                   ";sprop-pps=" + joined(track.sets, track.codec, ts::NalRole::PictureSet)};
    case ts::Codec::Aac: {
        Bytes header{0xAF, 0};
        appendView(header, track.configuration);
        const int channels = std::max(1, formatOfAudio(header).channels);
        return {"mpeg4-generic" + rate + "/" + std::to_string(channels),
                "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=" +
                    hexOf(track.configuration)};
    }
    case ts::Codec::Opus:
        break;
    }
    return {"opus/48000/2", "sprop-stereo=1"};
}

// What follows the head of a sequence header.
ByteView recordOf(const Bytes& body, const BodyDescription& header)
{
    return ByteView(body).subspan(std::min(header.headerSize, body.size()));
}

void addVideo(std::vector<TrackDescription>& tracks, const SharedFrame& header)
{
    const BodyDescription body = describeVideoBody(header->body());
    TrackDescription track;
    track.codec = body.codec == "HEVC" ? ts::Codec::Hevc : ts::Codec::Avc;
    const auto content = ts::contentOfRecord(track.codec, recordOf(header->body(), body));
    if ((body.codec != "H.264" && body.codec != "HEVC") || !content || content->lengthSize != 4)
        return;
    ts::forEachNalUnit(content->sets, [&track](ByteView set) { track.sets.emplace_back(set.begin(), set.end()); });
    tracks.push_back(std::move(track));
}

void addAudio(std::vector<TrackDescription>& tracks, const SharedFrame& header)
{
    const BodyDescription body = describeAudioBody(header->body());
    TrackDescription track;
    track.payloadType = 97;
    track.codec = body.codec == "AAC" ? ts::Codec::Aac : ts::Codec::Opus;
    track.clockRate = 48'000;
    if (track.codec == ts::Codec::Aac) {
        const ByteView configuration = recordOf(header->body(), body);
        track.configuration.assign(configuration.begin(), configuration.end());
        track.clockRate = formatOfAudio(header->body()).sampleRate;
    }
    if ((body.codec == "AAC" || body.codec == "Opus") && track.clockRate > 0)
        tracks.push_back(std::move(track));
}

}  // namespace

Result<std::vector<TrackDescription>> readAnnounced(std::string_view sdp)
{
    std::vector<TrackDescription> tracks;
    bool hasVideo = false;
    bool hasAudio = false;
    for (const Media& media : readMedia(sdp)) {
        auto track = readTrack(media);
        if (!track)
            return tl::unexpected(track.error());
        if (std::exchange(track->isVideo() ? hasVideo : hasAudio, true))
            return failUnsupported(media, "there more than once");
        tracks.push_back(std::move(*track));
    }
    if (tracks.empty())
        return fail(ErrorCode::InvalidArgument, "What is announced has no media.", "Send SDP with ANNOUNCE.");
    return tracks;
}

std::vector<TrackDescription> playableTracks(const GopCache& cache)
{
    std::vector<TrackDescription> tracks;
    if (cache.videoHeader())
        addVideo(tracks, cache.videoHeader());
    if (cache.audioHeader())
        addAudio(tracks, cache.audioHeader());
    return tracks;
}

std::string describe(std::vector<TrackDescription>& tracks, const std::string& url, const std::string& name)
{
    std::string sdp = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=" + name +
                      "\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=tool:Headgate\r\na=range:npt=now-\r\na=control:*\r\n";
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        TrackDescription& track = tracks[i];
        track.control = url + "/trackID=" + std::to_string(i);
        const Encoding encoding = encodingOf(track);
        const std::string type = std::to_string(track.payloadType);
        sdp.append(track.isVideo() ? "m=video" : "m=audio").append(" 0 RTP/AVP ").append(type);
        sdp.append("\r\na=rtpmap:").append(type).append(" ").append(encoding.name);
        sdp.append("\r\na=fmtp:").append(type).append(" ").append(encoding.parameters);
        sdp.append("\r\na=control:").append(track.control).append("\r\n");
    }
    return sdp;
}

}  // namespace headgate::rtsp
