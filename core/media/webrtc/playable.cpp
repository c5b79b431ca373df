#include "core/media/webrtc/playable.h"

#include "core/media/flv/tag_body.h"
#include "core/media/rtp/open_codecs.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cctype>

namespace headgate::webrtc {

namespace {

std::uint32_t randomSsrc()
{
    std::uint32_t ssrc = 0;
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&ssrc), sizeof ssrc);
    return ssrc | 1;
}

bool isSameText(std::string_view one, std::string_view other)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

// Of the types for H.264 in packetization mode 1 the one with the stream's own profile; decoders of browsers take
// others as well, so constrained baseline, which all of them offer, is the next best.
const SdpCodec* chooseH264(const SdpMedia& media, std::string_view profile)
{
    const SdpCodec* best = nullptr;
    int bestScore = 0;
    for (const SdpCodec& codec : media.codecs) {
        if (codec.name != "h264" || codec.parameter("packetization-mode") != "1")
            continue;
        const std::string_view offered = codec.parameter("profile-level-id");
        int score = 1;
        if (isSameText(offered.substr(0, 4), "42e0"))
            score = 2;
        if (profile.size() == 6 && isSameText(offered.substr(0, 4), profile.substr(0, 4)))
            score = 3;
        if (score > bestScore) {
            best = &codec;
            bestScore = score;
        }
    }
    return best;
}

bool isOfProfile(const SdpCodec& codec, std::string_view profile)
{
    const std::string_view offered = codec.parameter(codec.name == "vp9" ? "profile-id" : "profile");
    return codec.name == "vp8" || (offered.empty() ? "0" : offered) == profile;
}

const SdpCodec* chooseOpen(const SdpMedia& media, std::string_view name, std::string_view profile)
{
    const auto found = std::ranges::find_if(media.codecs, [&](const SdpCodec& codec) {
        const bool isMeant = name.empty() ? openCodecOf(codec.name) != nullptr : codec.name == name;
        return isMeant && isOfProfile(codec, profile);
    });
    return found == media.codecs.end() ? nullptr : &*found;
}

const SdpCodec* choosePublished(const SdpMedia& media)
{
    const SdpCodec* const h264 = chooseH264(media, {});
    return h264 != nullptr ? h264 : chooseOpen(media, {}, "0");
}

const SdpCodec* choosePlayed(const SdpMedia& media, const PlayableTracks& tracks)
{
    return tracks.codec == "h264" ? chooseH264(media, tracks.profile) : chooseOpen(media, tracks.codec, tracks.profile);
}

const SdpCodec* chooseOpus(const SdpMedia& media)
{
    const auto found = std::find_if(media.codecs.begin(), media.codecs.end(), [](const SdpCodec& codec) {
        return codec.name == "opus" && codec.clockRate == 48'000;
    });
    return found == media.codecs.end() ? nullptr : &*found;
}

// How the chosen codec is answered for, beside direction and numbers of what is sent.
enum class SentBy
{
    Them,
    Us
};
void acceptCodec(MediaAnswer& answer, const SdpMedia& media, SentBy by)
{
    const SdpCodec& codec = *answer.codec;
    const auto offers = [&codec](std::string_view feedback) {
        return std::ranges::find(codec.feedback, feedback) != codec.feedback.end();
    };
    answer.parameters = codec.parameters;
    for (const char* const feedback : {"nack", "nack pli", "ccm fir"}) {
        if (offers(feedback))
            answer.feedback.emplace_back(feedback);
    }
    const auto repair = std::ranges::find_if(media.codecs, [&codec](const SdpCodec& other) {
        return other.name == "rtx" && other.clockRate == codec.clockRate &&
               other.parameter("apt") == std::to_string(codec.payloadType);
    });
    if (repair != media.codecs.end())
        answer.repair = &*repair;
    // What is sent again under its own number has to be the same bytes, since they are encrypted in the same way: of
    // such packets none has a number that another copy would not have. One way to tell of the network is enough.
    const bool mayBeNumbered = by == SentBy::Them || media.kind != "video" || answer.repair != nullptr;
    if (mayBeNumbered && offers("transport-cc") && media.transportSequenceId != 0) {
        answer.transportSequenceId = media.transportSequenceId;
        answer.playoutDelayId = by == SentBy::Us ? media.playoutDelayId : 0;
        answer.feedback.emplace_back("transport-cc");
    } else if (offers("goog-remb")) {
        answer.feedback.emplace_back("goog-remb");
    }
}

// So many as there may be, if their packets tell which one they are of.
void acceptLayers(MediaAnswer& answer, const SdpMedia& media)
{
    if (media.rids.size() < 2 || media.ridExtensions.rid == 0)
        return;
    const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(media.rids.size(), mostLayers));
    answer.rids.assign(media.rids.begin(), media.rids.begin() + count);
    answer.ridExtensions = media.ridExtensions;
    if (media.ridExtensions.repairedRid == 0)
        answer.repair = nullptr;
}

bool wantsToReceive(const SdpMedia& media)
{
    return !media.isRejected &&
           (media.direction == SdpDirection::ReceiveOnly || media.direction == SdpDirection::SendReceive);
}

std::string hexOf(ByteView bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace

Error outOfOrderError()
{
    return {
        ErrorCode::Unsupported,
        "The pictures of the stream are not sent in the order in which they are shown (B-frames), which WebRTC does "
        "not know.",
        "Publish without B-frames (x264: -bf 0 or -tune zerolatency), or watch it as HTTP-FLV.",
        {}};
}

bool isOutOfOrder(const MediaFrame& frame)
{
    return frame.kind() == FrameKind::Video && frame.compositionOffsetMs() != 0;
}

Result<PlayableTracks> playableTracks(const GopCache& cache)
{
    constexpr std::size_t recordStart = 5;
    PlayableTracks tracks;
    if (cache.videoHeader()) {
        const Bytes& body = cache.videoHeader()->body();
        const BodyDescription header = describeVideoBody(body);
        const ByteView record = ByteView(body).subspan(std::min(header.headerSize, body.size()));
        const OpenCodec* const open = openCodecOf(header.codec);
        if (header.codec != "H.264" && open == nullptr)
            return fail(ErrorCode::Unsupported,
                        "The pictures of the stream are " + std::string(header.codec) +
                            ", and WebRTC is served with H.264, VP8, VP9 and AV1 here.",
                        "Publish H.264, or watch it as HTTP-FLV.");
        if (open == nullptr && (record.size() < recordStart || (record[4] & 3) != 3))
            return fail(ErrorCode::Unsupported, "The H.264 of the stream has lengths of another size than four bytes.",
                        "Publish it as other encoders do.");
        tracks.hasVideo = true;
        if (open != nullptr) {
            tracks.codec = open->rtpName;
            tracks.profile = std::to_string(open->profileOf(record));
        } else {
            tracks.profile = hexOf(record.subspan(1, 3));
        }
    }
    tracks.hasAudio = cache.audioHeader() && describeAudioBody(cache.audioHeader()->body()).codec == "Opus";
    for (const SharedFrame& frame : cache.forJoiner()) {
        if (isOutOfOrder(*frame))
            return tl::unexpected(outOfOrderError());
    }
    return tracks;
}

Result<std::vector<MediaAnswer>> answerViewer(const SessionDescription& offer, const PlayableTracks& tracks)
{
    std::vector<MediaAnswer> answers;
    bool hasVideo = false;
    bool hasAudio = false;
    for (const SdpMedia& media : offer.media) {
        MediaAnswer answer;
        const bool isVideo = media.kind == "video";
        bool& isTaken = isVideo ? hasVideo : hasAudio;
        if (wantsToReceive(media) && !isTaken && (isVideo || media.kind == "audio"))
            answer.codec = isVideo ? choosePlayed(media, tracks) : chooseOpus(media);
        if (answer.codec != nullptr) {
            isTaken = true;
            acceptCodec(answer, media, SentBy::Us);
            if (isVideo ? tracks.hasVideo : tracks.hasAudio) {
                answer.direction = SdpDirection::SendOnly;
                answer.ssrc = randomSsrc();
                answer.repairSsrc = answer.repair == nullptr ? 0 : randomSsrc();
            }
        }
        answers.push_back(std::move(answer));
    }
    const bool isAnything =
        std::any_of(answers.begin(), answers.end(), [](const MediaAnswer& answer) { return answer.ssrc != 0; });
    if (!isAnything)
        return fail(ErrorCode::Unsupported, "Nothing of the stream fits to what the offer wants to receive.",
                    "Offer to receive " +
                        std::string(tracks.codec == "h264" ? "H.264 in packetization mode 1" : tracks.codec) +
                        ", and Opus.");
    return answers;
}

SessionDescription usualOffer(const PlayableTracks& tracks)
{
    constexpr int soundType = 111;
    constexpr int pictureType = 96;
    constexpr int repairType = 97;
    constexpr int transportSequence = 3;
    SessionDescription offer;
    const auto add = [&offer](std::string kind, std::vector<SdpCodec> codecs) {
        SdpMedia media;
        media.kind = std::move(kind);
        media.protocol = "UDP/TLS/RTP/SAVPF";
        media.mid = std::to_string(offer.media.size());
        media.direction = SdpDirection::ReceiveOnly;
        media.codecs = std::move(codecs);
        media.transportSequenceId = transportSequence;
        offer.media.push_back(std::move(media));
    };
    if (tracks.hasAudio)
        add("audio", {{soundType, "opus", audioClockRate, "minptime=10;useinbandfec=1", {"transport-cc"}}});
    if (!tracks.hasVideo)
        return offer;
    // Decoders take more than this profile of H.264, and all of them offer it.
    std::string parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
    if (tracks.codec != "h264")
        parameters = tracks.codec == "vp8" ? "" : (tracks.codec == "vp9" ? "profile-id=" : "profile=") + tracks.profile;
    add("video",
        {{pictureType, tracks.codec, videoClockRate, parameters, {"nack", "nack pli", "ccm fir", "transport-cc"}},
         {repairType, "rtx", videoClockRate, "apt=" + std::to_string(pictureType), {}}});
    return offer;
}

Result<std::vector<MediaAnswer>> answerPublisher(const SessionDescription& offer)
{
    std::vector<MediaAnswer> answers;
    bool hasVideo = false;
    bool hasAudio = false;
    for (const SdpMedia& media : offer.media) {
        MediaAnswer answer;
        const bool isVideo = media.kind == "video";
        bool& isTaken = isVideo ? hasVideo : hasAudio;
        const bool isSending =
            media.direction == SdpDirection::SendOnly || media.direction == SdpDirection::SendReceive;
        if (!media.isRejected && isSending && !isTaken && (isVideo || media.kind == "audio"))
            answer.codec = isVideo ? choosePublished(media) : chooseOpus(media);
        if (answer.codec != nullptr) {
            isTaken = true;
            answer.direction = SdpDirection::ReceiveOnly;
            acceptCodec(answer, media, SentBy::Them);
            if (isVideo)
                acceptLayers(answer, media);
        }
        answers.push_back(std::move(answer));
    }
    if (!hasVideo && !hasAudio)
        return fail(ErrorCode::Unsupported, "Nothing that the offer wants to send can be taken.",
                    "Offer to send H.264 in packetization mode 1, VP8, VP9 or AV1, and Opus.");
    return answers;
}

}  // namespace headgate::webrtc
