#include "core/media/recording/vod_desk.h"

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/media/recording/download.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace headgate::recording {

using http_flv::Asker;
using http_flv::makeReply;
using http_flv::Request;
using http_flv::SharedReply;

namespace {

constexpr std::string_view playFolder = "play/";

std::string newTicket()
{
    std::string bytes(16, '\0');
    HG_CHECK(::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1);
    return toHex(bytes);
}

SharedBytes sharedText(std::string_view text)
{
    const ByteView view = viewOf(text);
    return std::make_shared<const Bytes>(view.begin(), view.end());
}

std::string seconds(Duration length)
{
    char text[32];
    std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(length.count() / 1000),
                  static_cast<long long>(length.count() % 1000));
    return text;
}

SharedReply playlistReply(std::string_view text)
{
    return makeReply(200, "Content-Type: application/vnd.apple.mpegurl\r\nCache-Control: no-store\r\n",
                     {sharedText(text)});
}

SharedReply notThere()
{
    return makeReply(Error{ErrorCode::NotFound,
                           "There is no such recording, or no such part of it.",
                           "Ask the control plane for the list of recordings.",
                           {}});
}

SharedReply refusal(const Error& error)
{
    return makeReply(error, error.code == ErrorCode::Unauthenticated     ? "WWW-Authenticate: Bearer\r\n"
                            : error.code == ErrorCode::ResourceExhausted ? "Retry-After: 3\r\n"
                                                                         : "");
}

std::string multivariantOf(const RecordingManifest& manifest, const std::string& ticket)
{
    const std::int64_t length = std::max<std::int64_t>(manifest.length().count(), 1);
    const std::int64_t mean = std::max<std::int64_t>(manifest.bytes() * 8000 / length, 1000);
    std::int64_t peak = mean;
    for (const RecordedSegment& segment : manifest.segments)
        peak = std::max(peak, segment.bytes * 8000 / std::max<std::int64_t>(segment.length.count(), 1000));
    return "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:BANDWIDTH=" + std::to_string(peak) +
           ",AVERAGE-BANDWIDTH=" + std::to_string(mean) +
           (manifest.codecs.empty() ? "" : ",CODECS=\"" + manifest.codecs + "\"") + "\n" + std::string(playFolder) +
           ticket + "/media.m3u8\n";
}

// "12.m4s" with its ending gives 12.
std::optional<std::size_t> numberIn(std::string_view file, std::string_view before, std::string_view after)
{
    if (!file.starts_with(before) || !file.ends_with(after) || file.size() <= before.size() + after.size())
        return std::nullopt;
    file = file.substr(before.size(), file.size() - before.size() - after.size());
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), number);
    const bool isWhole = error == std::errc() && end == file.data() + file.size();
    return isWhole ? std::optional(number) : std::nullopt;
}

// Of that stream, with something to play.
Result<SharedManifest> manifestFor(ShelfReader& reader, const std::string& path, const std::string& id)
{
    auto manifest = reader.manifest(id);
    if (!manifest || (*manifest)->stream.path() != path)
        return manifest ? fail(ErrorCode::NotFound, "There is no such recording of this stream.",
                               "Ask the control plane for the list of recordings.")
                        : manifest;
    if ((*manifest)->segments.empty())
        return fail(ErrorCode::Unavailable, "Nothing of this recording can be played yet.",
                    "Ask again in some seconds.");
    return manifest;
}

SharedReply replyFor(ShelfReader& reader, const std::string& id, std::string_view file)
{
    if (file == RecordingManifest::thumbnailFile) {
        auto picture = reader.thumbnail(id);
        return picture ? makeReply(200, "Content-Type: image/jpeg\r\n", {*picture}) : refusal(picture.error());
    }
    const auto manifest = reader.manifest(id);
    if (!manifest)
        return refusal(manifest.error());
    if (file == "media.m3u8")
        return playlistReply(vodPlaylistOf(**manifest));
    const auto media = numberIn(file, "", ".m4s");
    const auto init = numberIn(file, "init", ".mp4");
    if (!media && !init)
        return notThere();
    const auto playable = reader.segment(**manifest, media ? *media : *init);
    if (!playable)
        return refusal(playable.error());
    return makeReply(200, "Content-Type: video/mp4\r\nCache-Control: private, max-age=3600\r\nAccept-Ranges: bytes\r\n",
                     {media ? playable->media : playable->init});
}

}  // namespace

std::string vodPlaylistOf(const RecordingManifest& manifest)
{
    Duration longest{1000};
    for (const RecordedSegment& segment : manifest.segments)
        longest = std::max(longest, segment.length);
    std::string text =
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:" + std::to_string((longest.count() + 500) / 1000) +
        "\n#EXT-X-PLAYLIST-TYPE:" + (manifest.isComplete ? "VOD" : "EVENT") +
        "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
        const RecordedSegment& segment = manifest.segments[i];
        if (segment.isDiscontinuity && i > 0)
            text += "#EXT-X-DISCONTINUITY\n";
        if (segment.isDiscontinuity || i == 0)
            text += "#EXT-X-MAP:URI=\"init" + std::to_string(i) + ".mp4\"\n";
        text += "#EXT-X-PROGRAM-DATE-TIME:" + toRfc3339(segment.at) + "\n#EXTINF:" + seconds(segment.length) + ",\n" +
                std::to_string(i) + ".m4s\n";
    }
    return text + (manifest.isComplete ? "#EXT-X-ENDLIST\n" : "");
}

// Who watches a recording: not a connection, but who asks with one ticket.
class VodDesk::Viewer final : public Session
{
public:
    Viewer(std::shared_ptr<int> count, std::string path) : m_count(std::move(count)), m_path(std::move(path)) {}
    ~Viewer() override { stop(); }

    void watch(std::unique_ptr<AccessPass> pass)
    {
        m_pass = std::move(pass);
        if (m_pass)
            m_pass->tellAdmitted();
        m_isWatching = true;
        m_earlierMark = m_lastMark = {host().loop().now(), 0};
        ++*m_count;
        leaveSeat();
    }

    bool isWatching() const { return m_isWatching; }
    void sent(std::int64_t bytes) { m_bytes += bytes; }
    void asked(const std::string& peer) { m_peer = peer; }
    std::optional<StreamViewer> viewing(const StreamKey& stream) override
    {
        if (!m_isWatching || stream.path() != m_path)
            return std::nullopt;
        StreamViewer viewer;
        viewer.id = id();
        viewer.protocol = "vod";
        viewer.address = m_peer;
        viewer.connectedAt = m_since;
        viewer.bitsPerSecond = bitRate(host().loop().now());
        return viewer;
    }
    bool isViewer() const override { return m_isWatching; }
    void disconnect(std::string_view) override
    {
        stop();
        host().remove(*this);
    }

private:
    struct Mark
    {
        MonotonicTime at;
        std::int64_t bytes = 0;
    };

    // Segments are taken at one go: over 15 s at least, once it watches for so long.
    std::int64_t bitRate(MonotonicTime now)
    {
        constexpr Duration shortest{15'000};
        if (now - m_lastMark.at >= shortest)
            m_earlierMark = std::exchange(m_lastMark, {now, m_bytes});
        const auto passed = std::chrono::duration_cast<Duration>(now - m_earlierMark.at).count();
        return (m_bytes - m_earlierMark.bytes) * 8000 / std::max<std::int64_t>(passed, 1000);
    }
    void stop()
    {
        if (std::exchange(m_isWatching, false))
            --*m_count;
        m_pass.reset();
    }
    // Only the main loop answers for recordings.
    void moveTo(EventLoop&) override { unreachable(); }
    void arrived(Stream*) override { unreachable(); }

    const std::shared_ptr<int> m_count;
    const std::string m_path;  // of the stream that was recorded
    std::string m_peer;
    TimePoint m_since = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    std::unique_ptr<AccessPass> m_pass;
    bool m_isWatching = false;
    std::int64_t m_bytes = 0;
    Mark m_earlierMark;
    Mark m_lastMark;
};

VodDesk::VodDesk(const Context& context, std::string folder)
    : m_context(context),
      m_reader(folder.empty() ? nullptr : std::make_unique<ShelfReader>(std::move(folder))),
      m_timer(context.loops.home().loop())
{
    constexpr Duration period{5000};
    m_timer.startRepeating(period, [this] { tick(ticketTime); });
}

VodDesk::~VodDesk() = default;

void VodDesk::apply(const RecordingSettings& settings)
{
    if (m_reader)
        m_reader->setStore(settings.store);
}

void VodDesk::answer(const AskerPtr& asker, SharedReply reply) const
{
    m_context.loops.atHome([asker, reply = std::move(reply)](LoopGroup&) {
        if (const auto alive = asker.lock())
            alive->answered(reply);
    });
}

void VodDesk::read(const AskerPtr& asker, std::function<SharedReply(ShelfReader&)> make, const std::string& ticket)
{
    const bool isTaken = m_reader && m_reader->run([this, asker, ticket, make = std::move(make)](ShelfReader& reader) {
        SharedReply reply = make(reader);
        const bool isRefusal = reply->status >= 400;
        answer(asker, std::move(reply));
        if (isRefusal && !ticket.empty())
            later([ticket](VodDesk& desk) { desk.drop(ticket); });
    });
    if (!m_reader)
        answer(asker, refusal(Error{ErrorCode::NotFound,
                                    "This node has no recordings.",
                                    "Ask the control plane for the list of recordings.",
                                    {}}));
    else if (!isTaken)
        answer(asker, refusal(Error{
                          ErrorCode::ResourceExhausted, "Too many requests wait for recordings.", "Ask again.", {}}));
}

void VodDesk::later(std::function<void(VodDesk&)> call) const
{
    m_context.loops.atHome([self = std::weak_ptr(m_self), call = std::move(call)](LoopGroup&) {
        if (const auto alive = self.lock())
            call(**alive);
    });
}

void VodDesk::count(const std::string& ticket, std::size_t bytes)
{
    const auto known = m_tickets.find(ticket);
    Session* const viewer = known == m_tickets.end() ? nullptr : m_context.loops.home().find(known->second.viewer);
    if (viewer != nullptr)
        static_cast<Viewer*>(viewer)->sent(static_cast<std::int64_t>(bytes));
}

void VodDesk::drop(const std::string& ticket)
{
    const auto known = m_tickets.find(ticket);
    if (known == m_tickets.end())
        return;
    if (Session* const viewer = m_context.loops.home().find(known->second.viewer))
        viewer->disconnect("nothing to watch");
    m_tickets.erase(known);
}

void VodDesk::ask(const Request& request, const std::string& peer, const AskerPtr& asker)
{
    ++m_requests;
    constexpr std::string_view root = "/vod/";
    const std::string_view path = std::string_view(request.path).substr(root.size());
    const std::size_t play = path.rfind(std::string("/") + std::string(playFolder));
    const std::string_view rest = play == std::string_view::npos ? "" : path.substr(play + 1 + playFolder.size());
    // A stream may be called so too; its id is no ticket, which has hexadecimal digits alone.
    if (rest.find_first_not_of("0123456789abcdef") == rest.find('/') && !rest.empty()) {
        const std::size_t slash = rest.find('/');
        const std::string name(rest.substr(0, slash));
        const auto ticket = m_tickets.find(name);
        if (slash == std::string_view::npos || ticket == m_tickets.end())
            return answer(asker, refusal(Error{ErrorCode::PermissionDenied,
                                               "The ticket for this recording is over, or there was none.",
                                               "Ask for its index.m3u8 again.",
                                               {}}));
        ticket->second.wish.peer = peer;
        return letIn(name, asker,
                     [this, asker, name, id = ticket->second.id, file = std::string(rest.substr(slash + 1))] {
                         read(asker, [this, name, id, file](ShelfReader& reader) {
                             SharedReply reply = replyFor(reader, id, file);
                             later([name, bytes = reply->size](VodDesk& desk) { desk.count(name, bytes); });
                             return reply;
                         });
                     });
    }
    const std::size_t file = path.rfind('/');
    const std::size_t folder = file == std::string_view::npos ? file : path.rfind('/', file - 1);
    const std::string_view name = file == std::string_view::npos ? "" : path.substr(file + 1);
    const bool isKnown = name == "index.m3u8" || name == "download.mp4" || name == "download.flv";
    if (folder == std::string_view::npos || !isKnown)
        return answer(asker, notThere());
    const std::string id(path.substr(folder + 1, file - folder - 1));
    if (!isRecordingId(id))
        return answer(asker, notThere());
    const auto part = http_flv::queryMember(request.query, "part");
    const auto number = part ? numberIn(*part, "", "") : std::optional<std::size_t>(0);
    if (!number || (part && *number == 0))
        return answer(asker, notThere());
    open({std::string(path.substr(0, folder)), id, std::string(name), *number}, request, peer, asker);
}

void VodDesk::open(const Wanted& wanted, const Request& request, const std::string& peer, const AskerPtr& asker)
{
    const bool isDownload = wanted.file != "index.m3u8";
    if (m_tickets.size() >= mostTickets)
        tick(mostIdle);
    if (m_tickets.size() >= mostTickets || (isDownload && m_downloads >= mostDownloads))
        return answer(asker, refusal(Error{ErrorCode::ResourceExhausted,
                                           "This node serves as many viewers of recordings as it can.",
                                           "Ask the control plane for another node.",
                                           {}}));
    AccessRequest wish{SessionRole::Viewer, wanted.path};
    wish.credentials = credentialsOf(request);
    wish.peer = peer;
    wish.protocol = "vod";
    wish.userAgent = request.userAgent;
    const std::string name = newTicket();
    m_tickets[name] = Ticket{wanted.id, std::move(wish)};
    letIn(name, asker, [this, asker, name, wanted, isDownload] {
        m_context.log.client("vod: " + std::string(isDownload ? "downloads " : "plays ") + wanted.path +
                             ", recording " + wanted.id);
        if (isDownload)
            return download(wanted, name, asker);
        read(
            asker,
            [name, wanted](ShelfReader& reader) {
                const auto manifest = manifestFor(reader, wanted.path, wanted.id);
                return manifest ? playlistReply(multivariantOf(**manifest, name)) : refusal(manifest.error());
            },
            name);
    });
}

void VodDesk::download(const Wanted& wanted, const std::string& name, const AskerPtr& asker)
{
    ++m_downloads;
    Download::Ways ways;
    // Given back as soon as nobody has it any more, also if nothing comes of the download.
    ways.place = std::shared_ptr<void>(this, [self = std::weak_ptr(m_self), name](void* desk) {
        if (!self.expired())
            static_cast<VodDesk*>(desk)->later([name](VodDesk& alive) {
                --alive.m_downloads;
                alive.drop(name);
            });
    });
    ways.mayGoOn = [this, self = std::weak_ptr(m_self), name] { return !self.expired() && mayGoOn(name); };
    ways.read = [this, name](std::function<SharedBytes(ShelfReader&)> work, std::function<void(SharedBytes)> done) {
        return m_reader->run([this, name, work = std::move(work), done = std::move(done)](ShelfReader& reader) {
            const SharedBytes piece = work(reader);
            later([name, bytes = piece ? piece->size() : 0](VodDesk& desk) { desk.count(name, bytes); });
            m_context.loops.atHome([done, piece](LoopGroup&) { done(piece); });
        });
    };
    read(asker, [wanted, ways](ShelfReader& reader) {
        const auto manifest = manifestFor(reader, wanted.path, wanted.id);
        const bool isFlv = manifest && (*manifest)->format == RecordingFormat::Flv;
        if (manifest && wanted.file != (isFlv ? "download.flv" : "download.mp4"))
            return notThere();
        const auto reply = manifest ? Download::reply(reader, *manifest, wanted.part, ways)
                                    : Result<SharedReply>(tl::unexpected(manifest.error()));
        return reply ? *reply : refusal(reply.error());
    });
}

// Whoever downloads is still a viewer, and asks.
bool VodDesk::mayGoOn(const std::string& ticket)
{
    const auto known = m_tickets.find(ticket);
    if (known == m_tickets.end())
        return false;
    known->second.lastAsked = m_context.loops.home().loop().now();
    return m_context.loops.home().find(known->second.viewer) != nullptr;
}

// The ticket's viewer is there, or becomes one first.
void VodDesk::letIn(const std::string& name, const AskerPtr& asker, Serve serve)
{
    Ticket& ticket = m_tickets.at(name);
    ticket.lastAsked = m_context.loops.home().loop().now();
    auto* const present = static_cast<Viewer*>(m_context.loops.home().find(ticket.viewer));
    if (present != nullptr && present->isWatching()) {
        present->asked(ticket.wish.peer);
        return serve();
    }
    auto seat = m_context.reception.admit("vod", parseSocketAddress(ticket.wish.peer).value_or(SocketAddress{}));
    if (!seat)
        return answer(asker, refusal(Error{ErrorCode::ResourceExhausted,
                                           "This node has no room for another session.",
                                           "Ask the control plane for another node.",
                                           {}}));
    auto made = std::make_unique<Viewer>(m_viewers, ticket.wish.path);
    Viewer& viewer = *made;
    viewer.asked(ticket.wish.peer);
    m_context.loops.add(std::move(made), std::move(seat));
    ticket.wish.session = viewer.id();
    m_context.gate.authorize(ticket.wish, [self = std::weak_ptr(m_self), name, asker, serve = std::move(serve),
                                           id = viewer.id()](AccessVerdict verdict) {
        const auto alive = self.lock();
        if (!alive)
            return;
        VodDesk& desk = **alive;
        auto* const waiting = static_cast<Viewer*>(desk.m_context.loops.home().find(id));
        const auto known = desk.m_tickets.find(name);
        if (waiting == nullptr || known == desk.m_tickets.end()) {
            if (waiting != nullptr)
                waiting->disconnect("its ticket is over");
            return desk.answer(asker, refusal(Error{ErrorCode::PermissionDenied,
                                                    "The ticket for this recording is over.",
                                                    "Ask for its index.m3u8 again.",
                                                    {}}));
        }
        // Another request with the same ticket was decided first.
        const auto* const earlier = static_cast<Viewer*>(desk.m_context.loops.home().find(known->second.viewer));
        if (earlier != nullptr && earlier->isWatching()) {
            waiting->disconnect("watches already");
            return serve();
        }
        if (!verdict) {
            waiting->disconnect("not let in");
            desk.m_tickets.erase(known);
            return desk.answer(asker, refusal(verdict.error()));
        }
        waiting->watch(std::move(*verdict));
        known->second.viewer = id;
        serve();
    });
}

void VodDesk::tick(Duration longestKept)
{
    const MonotonicTime now = m_context.loops.home().loop().now();
    for (auto ticket = m_tickets.begin(); ticket != m_tickets.end();) {
        const Duration idle = std::chrono::duration_cast<Duration>(now - ticket->second.lastAsked);
        Session* const viewer = m_context.loops.home().find(ticket->second.viewer);
        if (idle > mostIdle && viewer != nullptr)
            viewer->disconnect("asks for nothing any more");
        ticket = idle > longestKept ? m_tickets.erase(ticket) : std::next(ticket);
    }
}

}  // namespace headgate::recording
