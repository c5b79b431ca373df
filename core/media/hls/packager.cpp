#include "core/media/hls/packager.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace headgate::hls {

using http_flv::makeReply;
using http_flv::SharedReply;

namespace {

TimePoint wallClock()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

SharedBytes shared(const std::string& text)
{
    const ByteView view = viewOf(text);
    return std::make_shared<const Bytes>(view.begin(), view.end());
}

constexpr std::string_view playlistType = "Content-Type: application/vnd.apple.mpegurl\r\n";

std::optional<std::uint64_t> numberOf(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isWhole = error == std::errc() && end == text.data() + text.size();
    return isWhole ? std::optional(number) : std::nullopt;
}

}  // namespace

Packager::Packager(EventLoop& loop, const Log& log, Stream& stream, std::string name, Settings settings)
    : m_loop(loop),
      m_log(log),
      m_stream(&stream),
      m_key(stream.key()),
      m_name(std::move(name)),
      m_folder("/" + m_key.path() + "/" + m_name + "/"),
      m_pace(paceFor(settings.segmentMs, stream.report(loop.now()).keyFrameIntervalMs)),
      m_shelf(settings.window, m_name.substr(0, 8)),
      m_segmenter(m_pace, m_shelf),
      m_lastViewer(loop.now())
{
    takeCache(stream.cache());
    stream.follow(*this);
}

Packager::~Packager()
{
    for (const auto& [name, viewer] : m_viewers)
        viewer->packagerGone();
    if (m_stream != nullptr)
        m_stream->unfollow(*this);
}

void Packager::takeCache(const GopCache& cache)
{
    const std::vector<SharedFrame> frames = cache.forJoiner();
    if (frames.empty())
        return;
    const TimePoint now = wallClock();
    for (const SharedFrame& frame : frames) {
        const auto age = static_cast<std::int32_t>(frames.back()->timestampMs() - frame->timestampMs());
        m_segmenter.push(frame, now - Duration(age));
    }
}

int Packager::count(Subscriber::Kind kind) const
{
    return kind == Subscriber::Kind::Viewer ? static_cast<int>(m_viewers.size()) : 0;
}

void Packager::framePushed(const SharedFrame& frame)
{
    m_segmenter.push(frame, wallClock());
    if (m_shelf.next() != m_shown)
        shelfChanged();
}

void Packager::streamRestarted(const StreamSource&)
{
    m_segmenter.restart();
    shelfChanged();
}

void Packager::shelfChanged()
{
    m_shown = m_shelf.next();
    m_shelf.trim(m_mostBytes);
    for (auto& byExtent : m_playlists)
        std::ranges::fill(byExtent, nullptr);
    // Those who wait are not answered from within the stream, which they might change.
    m_loop.scheduleTurnEnd(*this);
}

void Packager::streamEnded()
{
    m_stream = nullptr;
    m_endedAt = m_loop.now();
    m_segmenter.finish();
    for (const auto& [name, viewer] : m_viewers)
        viewer->streamEnded();
    shelfChanged();
}

void Packager::turnEnded()
{
    const auto ready = std::stable_partition(m_waiting.begin(), m_waiting.end(),
                                             [this](const Waiting& w) { return !canAnswer(w.wish); });
    std::vector<Waiting> answered(std::make_move_iterator(ready), std::make_move_iterator(m_waiting.end()));
    m_waiting.erase(ready, m_waiting.end());
    for (const Waiting& waiting : answered) {
        if (const auto asker = waiting.asker.lock())
            asker->answered(answerTo(waiting.wish));
    }
}

void Packager::tick()
{
    const MonotonicTime now = m_loop.now();
    const Duration mostIdle = std::max(linger, Duration(4000 * m_pace.targetSeconds));
    const std::map<std::string, Viewer*, std::less<>> viewers = m_viewers;
    for (const auto& [name, viewer] : viewers) {
        if (now - viewer->lastAsked() > mostIdle)
            viewer->disconnect("asks for nothing any more");
    }
    if (!m_viewers.empty())
        m_lastViewer = now;
    std::vector<Waiting> late;
    std::erase_if(m_waiting, [&](Waiting& waiting) {
        const bool isLate = now >= waiting.until && !waiting.asker.expired();
        if (isLate)
            late.push_back(waiting);
        return isLate || waiting.asker.expired();
    });
    for (const Waiting& waiting : late) {
        if (const auto asker = waiting.asker.lock())
            asker->answered(makeReply(silence()));
    }
}

Error Packager::silence() const
{
    if (m_segmenter.hasNothingToPackage())
        return {ErrorCode::NotFound,
                "The stream has no track that HLS can carry here.",
                "Publish H.264, HEVC or AV1 with AAC or Opus, or play it as .flv or by RTMP.",
                {}};
    if (!m_shelf.hasSegment())
        return {ErrorCode::NotFound, "Nothing came of the stream within 10 s.", {}, {}};
    return {ErrorCode::Unavailable, "Nothing new came of the stream in time.", "Ask again.", {}};
}

bool Packager::isOver() const
{
    const MonotonicTime now = m_loop.now();
    if (m_endedAt && now - *m_endedAt > endLinger)
        return true;
    return m_viewers.empty() && now - m_lastViewer > linger;
}

void Packager::endViewers(std::string_view reason)
{
    const std::map<std::string, Viewer*, std::less<>> viewers = m_viewers;
    for (const auto& [name, viewer] : viewers)
        viewer->disconnect(reason);
}

void Packager::leave(const Viewer& viewer, std::string_view reason)
{
    if (m_viewers.erase(viewer.name()) > 0)
        m_log.client("hls " + m_key.path() + ": viewer " + std::to_string(viewer.id()) +
                     " ended: " + std::string(reason));
}

Viewer* Packager::viewer(std::string_view name) const
{
    const auto found = m_viewers.find(name);
    return found == m_viewers.end() ? nullptr : found->second;
}

SharedReply Packager::ask(Wish wish, const std::weak_ptr<http_flv::Asker>& asker)
{
    if (const auto fault = faultOf(wish))
        return makeReply(*fault);
    if (canAnswer(wish))
        return answerTo(wish);
    if (m_waiting.size() >= mostWaiting)
        return makeReply(Error{ErrorCode::Unavailable, "Too many requests wait on this node.", "Ask again.", {}},
                         "Retry-After: 1\r\n");
    const Duration patience = m_shelf.hasSegment() ? Duration(3000 * m_pace.targetSeconds) : startPatience;
    m_waiting.push_back({asker, std::move(wish), m_loop.now() + patience});
    return nullptr;
}

// RFC 8216bis, 6.2.5.2: what is too far ahead is not waited for.
std::optional<Error> Packager::faultOf(const Wish& wish) const
{
    if (!wish.place || m_endedAt)
        return std::nullopt;
    const Place upcoming = m_shelf.next();
    const std::size_t farthest = upcoming.part + static_cast<std::size_t>(3000 / m_pace.partMs) + 1;
    const bool isAnyPart = wish.place->part == SIZE_MAX;
    if (wish.kind == Wish::Kind::Playlist &&
        (wish.place->segment > upcoming.segment + 1 ||
         (wish.place->segment == upcoming.segment && !isAnyPart && wish.place->part > farthest)))
        return Error{ErrorCode::InvalidArgument,
                     "The playlist is asked for too far ahead.",
                     "Ask for the next part, as the playlist tells it.",
                     {}};
    const bool isHinted = *wish.place <= upcoming || *wish.place == Place{upcoming.segment + 1, 0};
    if (wish.kind == Wish::Kind::Part && !isHinted)
        return Error{ErrorCode::NotFound, "There is no such part yet.", "Ask for parts that the playlist names.", {}};
    return std::nullopt;
}

bool Packager::canAnswer(const Wish& wish) const
{
    if (m_endedAt)
        return true;
    if (!m_shelf.hasSegment() && wish.kind != Wish::Kind::Part)
        return false;
    if (!wish.place)
        return true;
    const Place upcoming = m_shelf.next();
    const Segment* const segment = m_shelf.find(wish.place->segment);
    const bool isBeyond = wish.kind == Wish::Kind::Playlist && segment != nullptr && segment->isComplete &&
                          wish.place->part != SIZE_MAX && wish.place->part >= segment->parts.size();
    return upcoming > (isBeyond ? Place{wish.place->segment + 1, 0} : *wish.place);
}

SharedReply Packager::answerTo(const Wish& wish)
{
    if (wish.kind == Wish::Kind::Part) {
        const Segment* const segment = m_shelf.find(wish.place->segment);
        if (segment != nullptr && wish.place->part < segment->parts.size())
            return segment->parts[wish.place->part].reply;
        return makeReply(Error{ErrorCode::NotFound, "The part is not there, or not there any more.", {}, {}});
    }
    if (!m_shelf.hasSegment())
        return makeReply(Error{ErrorCode::NotFound, "The stream is over.", {}, {}});
    return wish.kind == Wish::Kind::Playlist ? playlist(wish) : multivariant(wish.viewer);
}

SharedReply Packager::playlist(const Wish& wish)
{
    const bool wasNamed = wish.place.has_value();
    SharedReply& reply = m_playlists[wish.extent == Extent::Delta ? 1 : 0][wasNamed ? 1 : 0];
    if (reply)
        return reply;
    // What was asked for by its number never changes much; the other has to be looked at anew each time.
    std::string fields(playlistType);
    fields += wasNamed ? "Cache-Control: public, max-age=" + std::to_string(3 * m_pace.targetSeconds) + "\r\n"
                       : std::string("Cache-Control: no-cache\r\n");
    const Place upcoming = m_shelf.next();
    std::string etag =
        "\"" + m_shelf.tag() + "-" + std::to_string(upcoming.segment) + "-" + std::to_string(upcoming.part);
    etag += std::string(wish.extent == Extent::Delta ? "-delta" : "") + (m_endedAt ? "-end\"" : "\"");
    reply = makeReply(200, fields, {shared(mediaPlaylistOf(m_shelf, m_pace, wish.extent, m_endedAt.has_value()))},
                      std::move(etag));
    return reply;
}

// Made for one viewer, whose name is in it.
SharedReply Packager::multivariant(const std::string& viewer)
{
    Variant variant;
    variant.address = m_key.name + "/" + m_name + "/media.m3u8?session=" + viewer;
    variant.codecs = m_shelf.init()->codecs;
    variant.size = m_shelf.init()->size;
    if (m_stream != nullptr) {
        const StreamReport report = m_stream->report(m_loop.now());
        variant.framesPerSecond = report.framesPerSecond;
        variant.bitsPerSecond = report.bitsPerSecond;
    }
    return makeReply(200, std::string(playlistType) + "Cache-Control: no-store\r\n",
                     {shared(multivariantPlaylistOf(variant))});
}

SharedReply Packager::find(std::string_view file) const
{
    constexpr std::string_view initName = "init";
    const std::size_t dot = file.rfind('.');
    const std::string_view stem = file.substr(0, dot);
    if (stem.starts_with(initName)) {
        const auto number = numberOf(stem.substr(initName.size()));
        return number ? m_shelf.initReply(*number) : nullptr;
    }
    const auto number = numberOf(stem);
    const Segment* const segment = number ? m_shelf.find(*number) : nullptr;
    return segment != nullptr ? segment->reply : nullptr;
}

}  // namespace headgate::hls
