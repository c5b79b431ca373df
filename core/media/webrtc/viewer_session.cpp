#include "core/media/webrtc/viewer_session.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace headgate::webrtc {

namespace {

constexpr Duration trackPatience{500};
constexpr Duration streamPatience{10'000};
constexpr Duration reportPeriod{1000};

// What waits goes out in pieces of a batch: 120 Mbit/s.
constexpr Duration pace{5};

}  // namespace

ViewerSession::ViewerSession(const PeerContext& context, std::string peer, SessionDescription offer, GrantAnswer answer)
    : PeerSession(context, std::move(peer)),
      m_resource(randomName(22)),
      m_offer(std::move(offer)),
      m_answer(std::move(answer)),
      m_trackTimer(context.loops.home().loop()),
      m_pace(context.loops.home().loop()),
      m_fill(context.loops.home().loop()),
      m_reports(context.loops.home().loop())
{}

ViewerSession::~ViewerSession()
{
    if (m_playing != nullptr)
        m_playing->unsubscribe(*this);
}

void ViewerSession::begin(AccessRequest wish)
{
    wish.session = id();
    m_path = wish.path;
    context().gate.authorize(wish, [this, session = id(), &home = context().loops.home()](AccessVerdict verdict) {
        if (home.find(session) != this || isOver())
            return;
        if (!verdict)
            return refuse(verdict.error());
        m_pass = std::move(*verdict);
        admit();
    });
}

void ViewerSession::refuse(const Error& error)
{
    if (m_answer)
        std::exchange(m_answer, {})(tl::unexpected(error));
    end("refused: " + error.message);
}

void ViewerSession::admit()
{
    const auto admitted = context().gate.admitViewer(m_path, m_pass.get(), SoundForm::Opus);
    if (!admitted)
        return refuse(admitted.error());
    setupTimer().start(streamPatience, [this] {
        refuse({ErrorCode::NotFound, "Nothing came of the stream within 10 s.", {}, {}});
    });
    m_playing = *admitted;
    m_playing->subscribe(*this);
    if (m_answer && m_playing != nullptr && m_playing->cache().span() > trackPatience)
        answerOffer();
}

void ViewerSession::answerOffer()
{
    m_trackTimer.stop();
    const auto tracks = playableTracks(m_playing->cache());
    if (!tracks)
        return refuse(tracks.error());
    m_awaitsAnswer = m_offer.media.empty();
    if (m_awaitsAnswer)
        m_offer = usualOffer(*tracks);
    const auto answers = answerViewer(m_offer, *tracks);
    if (!answers)
        return refuse(answers.error());
    makeTracks(m_offer, *answers);
    const UdpPort::Ice ice = openFor(m_offer, m_resource);
    AnswerContext told = answerContext(ice);
    told.setup = m_awaitsAnswer ? "actpass" : "passive";
    std::string sdp = writeAnswer(m_offer, *answers, told);
    context().log.client("webrtc " + peer() + ": plays " + m_path);
    std::exchange(m_answer, {})(Granted{std::move(sdp), m_resource, ice.local.ufrag});
}

// What it wants to receive of our offer is what an offer of its own would have said.
Result<void> ViewerSession::takeAnswer(const SessionDescription& answer)
{
    if (!m_awaitsAnswer || m_playing == nullptr)
        return unasked();
    if (answer.setup != "active")
        return fail(ErrorCode::InvalidArgument, "The answer does not begin the handshake, and this node does not.",
                    "Answer a=setup:active.");
    const auto tracks = playableTracks(m_playing->cache());
    if (!tracks)
        return tl::unexpected(tracks.error());
    auto accepted = answerViewer(answer, *tracks);
    if (!accepted)
        return tl::unexpected(accepted.error());
    for (std::size_t i = 0; i < accepted->size(); ++i) {
        const SentNumbers& told = m_tracks[answer.media[i].kind == "video" ? Pictures : Sound].numbers();
        MediaAnswer& media = (*accepted)[i];
        media.ssrc = media.ssrc == 0 ? 0 : told.ssrc;
        media.repairSsrc = media.repairSsrc == 0 ? 0 : told.repairSsrc;
    }
    makeTracks(answer, *accepted);
    m_awaitsAnswer = false;
    expect(answer);
    return {};
}

void ViewerSession::makeTracks(const SessionDescription& offer, const std::vector<MediaAnswer>& answers)
{
    std::array<SentNumbers, 2> numbers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const MediaAnswer& answer = answers[i];
        const bool isVideo = offer.media[i].kind == "video";
        if (answer.ssrc == 0)
            continue;
        numbers[isVideo ? Pictures : Sound] = {answer.ssrc,
                                               answer.codec->payloadType,
                                               isVideo ? videoClockRate : audioClockRate,
                                               answer.transportSequenceId,
                                               answer.repairSsrc,
                                               answer.repair == nullptr ? 0 : answer.repair->payloadType,
                                               answer.playoutDelayId};
    }
    m_tracks = {SentTrack(numbers[Pictures], true), SentTrack(numbers[Sound], false)};
}

void ViewerSession::connected()
{
    m_offer = {};
    Stream& stream = *std::exchange(m_playing, nullptr);
    stream.unsubscribe(*this);
    if (!context().loops.sendAway(*this, stream, kind()))
        join(stream);
}

void ViewerSession::moveTo(EventLoop& to)
{
    leaveQueue();
    m_trackTimer.moveTo(to);
    m_pace.moveTo(to);
    m_fill.moveTo(to);
    m_reports.moveTo(to);
    PeerSession::moveTo(to);
}

void ViewerSession::arrived(Stream* stream)
{
    PeerSession::arrived(stream);
    if (stream == nullptr)
        return end("the stream ended");
    join(*stream);
}

void ViewerSession::join(Stream& stream)
{
    m_playing = &stream;
    m_layers = stream.shared<LayerMeter>();
    m_reports.startRepeating(reportPeriod, [this] { sendReports(); });
    m_burst.emplace();
    wantLayers();
    stream.subscribe(*this, host().joinLatency());
    if (m_playing != nullptr)
        beginWithCache();
}

// The pictures of the cache a millisecond apart, up to the newest; the sound begins with what comes next.
void ViewerSession::beginWithCache()
{
    const std::vector<SharedFrame> frames = std::exchange(m_burst, std::nullopt).value();
    auto left = static_cast<std::uint32_t>(std::count_if(frames.begin(), frames.end(), [](const SharedFrame& frame) {
        return frame->kind() == FrameKind::Video && !frame->isEssential();
    }));
    const std::uint32_t newest = frames.empty() ? 0 : frames.back()->timestampMs();
    for (const SharedFrame& frame : frames) {
        if (frame->kind() != FrameKind::Video)
            continue;
        left -= frame->isEssential() ? 0 : 1;
        queue(frame, newest - left);
    }
    if (!m_waiting[Pictures].empty())
        host().loop().scheduleTurnEnd(*this);
    if (m_playing != nullptr && m_tracks[Pictures].isWanted() &&
        std::ranges::none_of(frames, [](const SharedFrame& frame) { return frame->isKeyFrame(); }))
        askForKeyFrame();
}

void ViewerSession::deliver(const SharedFrame& frame)
{
    if (isOver())
        return;
    if (isOutOfOrder(*frame))
        return refuse(outOfOrderError());
    if (m_answer) {
        const GopCache& cache = m_playing->cache();
        if (cache.videoHeader() && cache.audioHeader())
            return answerOffer();
        if (!m_trackTimer.isRunning() && (cache.videoHeader() || cache.audioHeader()))
            m_trackTimer.start(trackPatience, [this] { answerOffer(); });
        return;
    }
    if (srtp() == nullptr)
        return;
    if (m_burst)
        return m_burst->push_back(frame);
    if (frame->kind() == FrameKind::Video && !frame->isEssential())
        noteLayer(frame);
    queue(frame, frame->timestampMs());
    // At once, while what belongs to this viewer is in the processor's cache; what has to wait is sent in its turn.
    const bool waits = !m_waiting[Pictures].empty() || !m_waiting[Sound].empty();
    if (waits && !m_pace.isRunning() && !isQueued())
        sendWaiting();
}

void ViewerSession::queue(const SharedFrame& frame, std::uint32_t mediaMs)
{
    const bool isVideo = frame->kind() == FrameKind::Video;
    if ((frame->track() != 0 && !frame->isLayer()) || frame->kind() == FrameKind::Script)
        return;
    const auto layer = static_cast<std::size_t>(frame->layer());
    if (isVideo && (frame->isSequenceHeader() || frame->isTrackStart()))
        m_layers->measure(*frame);
    if (frame->isEssential()) {
        if (isVideo && frame->isSequenceHeader())
            m_videoHeaders.at(layer) = frame;
        return;
    }
    if (isVideo && frame->layer() != m_layer)
        return;
    if (!m_tracks[isVideo ? Pictures : Sound].isWanted() || (isVideo && skips(*frame)))
        return;
    if (isVideo) {
        // Layers may be a little apart, and decoders know pictures by their times.
        if (m_pictureMs && static_cast<std::int32_t>(mediaMs - *m_pictureMs) <= 0)
            mediaMs = *m_pictureMs + 1;
        m_pictureMs = mediaMs;
    }
    if (isVideo && frame->isTrackStart() && m_videoHeaders.at(layer))
        append(m_videoHeaders.at(layer), mediaMs, false);
    append(frame, mediaMs, true);
    m_latestMs = mediaMs;
    m_latestAt = host().loop().now();
}

void ViewerSession::append(const SharedFrame& frame, std::uint32_t mediaMs, bool endsPicture)
{
    const bool isVideo = frame->kind() == FrameKind::Video;
    const SharedBytes& payloads = frame->encoded(WireForm::RtpPayloads, &rtpPayloadsOf);
    if (payloads->empty())
        return;
    m_waiting[isVideo ? Pictures : Sound].push_back(
        Waiting{payloads, 0, mediaMs, isVideo && endsPicture, host().loop().now()});
    m_waitingBytes += payloads->size();
}

// What a slow network did not take within that time is older than what a viewer wants to see, but for the picture that
// is on its way.
bool ViewerSession::skips(const MediaFrame& picture)
{
    constexpr Duration mostLag{500};
    const MonotonicTime now = host().loop().now();
    const auto& waiting = m_waiting[Pictures];
    const bool isLate = !waiting.empty() && m_estimate.limit(now) && now - waiting.front().since > mostLag;
    if (isLate && !m_awaitsKeyFrame) {
        dropPictures();
        ++m_networkSkips;
        m_awaitsKeyFrame = true;
        askForKeyFrame();
    }
    m_awaitsKeyFrame = m_awaitsKeyFrame && (isLate || !picture.isTrackStart());
    return m_awaitsKeyFrame;
}

// All but the one that is on its way.
void ViewerSession::dropPictures()
{
    auto& waiting = m_waiting[Pictures];
    const auto first = std::ranges::find_if(waiting, &Waiting::endsPicture);
    waiting.erase(first == waiting.end() ? first : std::next(first), waiting.end());
    m_waitingBytes = 0;
    for (const auto& kind : m_waiting) {
        for (const Waiting& each : kind)
            m_waitingBytes += each.payloads->size() - each.at;
    }
}

void ViewerSession::refill()
{
    constexpr Duration mostBurst{50};
    const MonotonicTime now = host().loop().now();
    const auto passed = std::min<MonotonicTime::duration>(now - m_refilledAt, mostBurst);
    m_refilledAt = now;
    const auto limit = m_estimate.limit(now);
    const std::int64_t bytesOfSecond = limit.value_or(0) / 8;
    m_allowance += bytesOfSecond * std::chrono::duration_cast<std::chrono::microseconds>(passed).count() / 1'000'000;
    m_allowance = limit ? std::min(m_allowance, bytesOfSecond * mostBurst.count() / 1000 + 1)
                        : std::numeric_limits<std::int32_t>::max();
}

void ViewerSession::sendWaiting()
{
    PacketBatch batch(context(), path());
    std::size_t bytes = 0;
    refill();
    while (!m_waiting[Sound].empty() && !batch.isFull())
        bytes += sendNext(Sound, batch);
    while (!m_waiting[Pictures].empty() && !batch.isFull() && m_allowance > 0) {
        const std::size_t sent = sendNext(Pictures, batch);
        m_allowance -= static_cast<std::int64_t>(sent);
        bytes += sent;
    }
    batch.flush();
    countSent(bytes);
    if (!m_waiting[Sound].empty() || !m_waiting[Pictures].empty())
        m_pace.start(pace, [this] { sendWaiting(); });
}

std::size_t ViewerSession::sendNext(Kinds kind, PacketBatch& batch)
{
    Waiting& first = m_waiting[kind].front();
    const std::size_t following = payloadAt(*first.payloads, first.at).next;
    const bool isLast = following >= first.payloads->size();
    const std::size_t size = m_tracks[kind].write(
        {first.payloads, first.at, first.mediaMs, isLast && first.endsPicture}, host().loop().now(), batch.room());
    m_waitingBytes -= following - first.at;
    first.at = following;
    if (isLast)
        m_waiting[kind].pop_front();
    return finish(kind, size, batch);
}

std::size_t ViewerSession::finish(Kinds kind, std::size_t size, PacketBatch& batch)
{
    const auto room = batch.room();
    if (m_tracks[kind].hasTransportSequence())
        SentTrack::stamp(room, m_estimate.packetSent(size, host().loop().now()));
    const auto protectedSize = srtp()->protect(room, size);
    if (protectedSize)
        batch.commit(*protectedSize);
    return protectedSize.value_or(0);
}

void ViewerSession::sendAgain(const std::vector<std::uint16_t>& sequences)
{
    PacketBatch batch(context(), path());
    std::size_t bytes = 0;
    refill();
    for (const std::uint16_t sequence : sequences) {
        // It asks again.
        if (m_allowance <= 0)
            break;
        if (batch.isFull())
            batch.flush();
        const std::size_t size = m_tracks[Pictures].writeAgain(sequence, host().loop().now(), batch.room());
        const std::size_t sent = size == 0 ? 0 : finish(Pictures, size, batch);
        m_allowance -= static_cast<std::int64_t>(sent);
        bytes += sent;
    }
    batch.flush();
    countSent(bytes);
}

// What the viewer did not tell of went to where it is not any more, and so did what it asked for a moment before. It
// would ask, but that takes another way there and back.
void ViewerSession::networkChanged()
{
    constexpr std::size_t most = 256;
    constexpr Duration longest{1000};  // after that the picture begins anew
    constexpr Duration moment{400};
    const MonotonicTime now = host().loop().now();
    const auto known = m_estimate.newestToCome();
    m_estimate.restart(now);
    if (m_tracks.empty() || !known)
        return;
    if (now - *known > longest)
        return askForKeyFrame();
    sendAgain(m_tracks[Pictures].sentAfter(*known - moment, most));
}

// A viewer that holds pictures for a shorter time than its wish and the answer take shows each loss as a halt.
void ViewerSession::repair(const std::vector<std::uint16_t>& missing)
{
    constexpr double ways = 1.25;
    constexpr Duration spare{40}, most{500};
    sendAgain(missing);
    m_lossAt = host().loop().now();
    const Duration needed(static_cast<Duration::rep>(m_roundTripMs * ways));
    m_tracks[Pictures].setLeastDelay(std::min(needed + spare, most));
}

void ViewerSession::rtcpReceived(ByteView packet)
{
    if (m_tracks.empty())
        return;
    const auto ntp = static_cast<std::uint32_t>(ntpNow() >> 16);
    readRtcp(packet, [this, ntp](const RtcpFeedback& feedback) {
        const MonotonicTime now = host().loop().now();
        if (feedback.wantsKeyFrame)
            askForKeyFrame();
        const SentTrack& pictures = m_tracks[Pictures];
        if (!feedback.missing.empty() && pictures.isWanted() && feedback.ssrc == pictures.ssrc())
            repair(feedback.missing);
        if (!feedback.arrivals.empty())
            m_estimate.packetsArrived(feedback.arrivals, now);
        if (feedback.receiverBitrate)
            m_estimate.receiverLimits(*feedback.receiverBitrate, now);
        const auto passed = static_cast<std::int32_t>(ntp - feedback.lastSenderReport - feedback.sinceSenderReport);
        if (feedback.hasReport && feedback.lastSenderReport != 0 && passed >= 0)
            m_roundTripMs = passed * 1000.0 / 65'536;
    });
}

void ViewerSession::askForKeyFrame()
{
    if (m_playing == nullptr)
        return;
    context().loops.atHome([&gate = context().gate, key = m_playing->key(), layer = m_wantedLayer](LoopGroup& loops) {
        gate.wantKeyFrame(key, loops.home().loop().now(), layer);
    });
}

void ViewerSession::sendReports()
{
    constexpr Duration longestMemory{30'000};  // of a loss
    if (host().loop().now() - m_lossAt > longestMemory)
        m_tracks[Pictures].setLeastDelay(Duration(0));
    wantLayers();
    const std::uint64_t ntp = ntpNow();
    const auto since = std::chrono::duration_cast<Duration>(host().loop().now() - m_latestAt);
    const std::uint32_t mediaMs = m_latestMs + static_cast<std::uint32_t>(since.count());
    for (const SentTrack& track : m_tracks) {
        if (track.packets() == 0)
            continue;
        Bytes report;
        appendSenderReport(report, {track.ssrc(), ntp, track.timestampOf(mediaMs), track.packets(), track.bytes()});
        sendRtcp(report);
    }
}

Duration ViewerSession::waitingTime() const
{
    Duration longest{0};
    for (const auto& waiting : m_waiting) {
        if (!waiting.empty())
            longest =
                std::max(longest, std::chrono::duration_cast<Duration>(host().loop().now() - waiting.front().since));
    }
    return longest;
}

std::size_t ViewerSession::dropWaiting()
{
    m_waitingBytes = 0;
    const auto dropped = std::exchange(m_waiting, {});
    return dropped[Pictures].size() + dropped[Sound].size();
}

std::optional<StreamViewer> ViewerSession::viewing(const StreamKey& stream)
{
    if (m_playing == nullptr || m_playing->key() != stream)
        return std::nullopt;
    StreamViewer viewer = describe(*this, {peer(), static_cast<std::int64_t>(m_waitingBytes), 0, waitingTime(),
                                           m_roundTripMs, static_cast<std::int64_t>(bytesSent())});
    viewer.protocol = "webrtc";
    viewer.skips += m_networkSkips;
    if (path().isKnown())
        viewer.address = path().address.text();
    return viewer;
}

void ViewerSession::streamEnded()
{
    m_playing = nullptr;
    if (m_answer)
        return refuse({ErrorCode::NotFound, "The stream is not live.", {}, {}});
    end("the stream ended");
}

void ViewerSession::leave(std::string_view reason)
{
    leaveQueue();
    m_trackTimer.stop();
    m_pace.stop();
    m_fill.stop();
    m_reports.stop();
    if (m_playing != nullptr)
        std::exchange(m_playing, nullptr)->unsubscribe(*this);
    m_pass.reset();
    if (m_answer)
        std::exchange(m_answer, {})(fail(ErrorCode::Unavailable, "The session ended: " + std::string(reason) + "."));
    std::vector<std::uint32_t> ssrcs;
    for (const SentTrack& track : m_tracks) {
        if (track.packets() > 0)
            ssrcs.push_back(track.ssrc());
    }
    if (ssrcs.empty())
        return;
    Bytes bye;
    appendBye(bye, ssrcs);
    sendRtcp(bye);
}

}  // namespace headgate::webrtc
