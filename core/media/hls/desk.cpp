#include "core/media/hls/desk.h"

#include "core/base/check.h"
#include "core/media/flv/tag_body.h"
#include "core/media/fmp4/track_setup.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace headgate::hls {

using http_flv::Asker;
using http_flv::makeReply;
using http_flv::Request;
using http_flv::SharedReply;

namespace {

constexpr std::size_t secretDigits = 32;

std::string newSecret()
{
    std::array<std::uint8_t, secretDigits / 2> bytes{};
    HG_CHECK(::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

std::optional<std::uint64_t> numberOf(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isWhole = error == std::errc() && end == text.data() + text.size() && number < UINT32_MAX;
    return isWhole ? std::optional(number) : std::nullopt;
}

// "12.3.m4s"
std::optional<Place> partNamed(std::string_view file)
{
    const std::size_t first = file.find('.');
    const std::size_t last = file.rfind('.');
    if (first == last)
        return std::nullopt;
    const auto segment = numberOf(file.substr(0, first));
    const auto part = numberOf(file.substr(first + 1, last - first - 1));
    return segment && part ? std::optional(Place{*segment, static_cast<std::size_t>(*part)}) : std::nullopt;
}

// RFC 8216bis, 6.2.5.
Result<Wish> playlistWishOf(std::string_view query)
{
    Wish wish;
    const auto segment = http_flv::queryMember(query, "_HLS_msn");
    const auto part = http_flv::queryMember(query, "_HLS_part");
    const auto skip = http_flv::queryMember(query, "_HLS_skip");
    const auto segmentNumber = segment ? numberOf(*segment) : std::nullopt;
    const auto partNumber = part ? numberOf(*part) : std::nullopt;
    if ((segment && !segmentNumber) || (part && !partNumber) || (part && !segment))
        return fail(ErrorCode::InvalidArgument, "_HLS_msn and _HLS_part are numbers, the second only with the first.");
    if (segment)
        wish.place = Place{*segmentNumber, part ? static_cast<std::size_t>(*partNumber) : SIZE_MAX};
    if (skip && (*skip == "YES" || *skip == "v2"))
        wish.extent = Extent::Delta;
    return wish;
}

SharedReply refused(const Error& error)
{
    switch (error.code) {
    case ErrorCode::Unauthenticated:
        return makeReply(error, "WWW-Authenticate: Bearer\r\n");
    case ErrorCode::ResourceExhausted:
        return makeReply(error, "Retry-After: 3\r\n");
    default:
        return makeReply(error);
    }
}

SharedReply notThere(std::string message, std::string remedy = {})
{
    return makeReply(Error{ErrorCode::NotFound, std::move(message), std::move(remedy), {}});
}

}  // namespace

Desk::Desk(const Context& context, Options options)
    : m_context(context), m_options(options), m_timer(context.loops.home().loop())
{
    constexpr Duration period{500};
    m_timer.startRepeating(period, [this] { tick(); });
}

bool Desk::isWanted(std::string_view path)
{
    return path.ends_with(".m3u8") || path.ends_with(".m4s") || path.ends_with(".mp4");
}

SharedReply Desk::ask(const Request& request, const std::string& peer, const std::weak_ptr<Asker>& asker)
{
    ++m_requests;
    constexpr std::string_view extension = ".m3u8";
    const std::string_view path = request.path;
    const std::size_t slash = path.rfind('/');
    const std::string_view folder = path.substr(0, slash + 1);
    const std::string_view file = path.substr(slash + 1);
    const auto packager = m_packagers.find(folder);
    if (packager != m_packagers.end())
        return askPackager(*packager->second, file, request, peer, asker);
    // What a packager that is gone served is no stream's name.
    if (!file.ends_with(extension) || file == "media.m3u8")
        return notThere("There is no such segment or playlist, or not any more.",
                        "Ask for the stream's own playlist, /{scope}/{name}.m3u8.");
    return letIn(std::string(path.substr(1, path.size() - 1 - extension.size())), request, peer, asker);
}

SharedReply Desk::askPackager(Packager& packager, std::string_view file, const Request& request,
                              const std::string& peer, const std::weak_ptr<Asker>& asker)
{
    if (file == "media.m3u8") {
        Viewer* const viewer =
            packager.viewer(http_flv::queryMember(request.query, "session").value_or(std::string_view()));
        if (viewer == nullptr)
            return makeReply(Error{ErrorCode::PermissionDenied,
                                   "The session is over, or there was none.",
                                   "Ask for /" + packager.key().path() + ".m3u8 again.",
                                   {}});
        viewer->asked(peer, m_context.loops.home().loop().now());
        auto wish = playlistWishOf(request.query);
        return wish ? packager.ask(std::move(*wish), asker) : makeReply(wish.error());
    }
    if (const auto place = partNamed(file))
        return packager.ask({Wish::Kind::Part, place}, asker);
    auto reply = packager.find(file);
    return reply ? reply : notThere("There is no such segment, or not any more.");
}

// A viewer is a session before anybody decides, so that those who wait are limited as all are.
SharedReply Desk::letIn(const std::string& path, const Request& request, const std::string& peer,
                        const std::weak_ptr<Asker>& asker)
{
    auto seat = m_context.reception.admit("hls", parseSocketAddress(peer).value_or(SocketAddress{}));
    if (!seat)
        return refused(Error{ErrorCode::ResourceExhausted,
                             "This node has no room for another session.",
                             "Ask the control plane for another node.",
                             {}});
    auto made = std::make_unique<Viewer>(newSecret(), peer);
    Viewer& viewer = *made;
    m_context.loops.add(std::move(made), std::move(seat));
    AccessRequest wish{SessionRole::Viewer, path};
    wish.credentials = credentialsOf(request);
    wish.session = viewer.id();
    wish.peer = peer;
    wish.protocol = "hls";
    wish.userAgent = request.userAgent;
    // The answer may come within this call.
    struct Outcome
    {
        bool isDue = false;
        SharedReply reply;
    };
    const auto outcome = std::make_shared<Outcome>();
    const auto decided = [this, path, asker, outcome, id = viewer.id(),
                          isHead = request.method == "HEAD"](AccessVerdict verdict) {
        auto* const waiting = static_cast<Viewer*>(m_context.loops.home().find(id));
        if (waiting == nullptr)
            return;
        SharedReply reply;
        if (!verdict)
            reply = refused(verdict.error());
        else
            reply = admit(*waiting, path, isHead ? nullptr : std::move(*verdict), asker);
        if (!verdict || isHead || (reply && reply->status >= 400))
            waiting->disconnect("not let in");
        if (!outcome->isDue)
            outcome->reply = std::move(reply);
        else if (const auto alive = asker.lock(); alive && reply)
            alive->answered(reply);
    };
    m_context.gate.authorize(wish, decided);
    outcome->isDue = true;
    return std::exchange(outcome->reply, nullptr);
}

SharedReply Desk::admit(Viewer& viewer, const std::string& path, std::unique_ptr<AccessPass> pass,
                        const std::weak_ptr<Asker>& asker)
{
    const auto stream = m_context.gate.admitViewer(path, pass.get(), SoundForm::Aac);
    if (!stream)
        return refused(stream.error());
    const SharedFrame& header = (*stream)->cache().videoHeader();
    if (header && !fmp4::videoSetupOf(header->body()))
        return refused(Error{ErrorCode::Unsupported,
                             "HLS does not carry the pictures of the stream (" +
                                 std::string(describeVideoBody(header->body()).codec) + ").",
                             "Watch it over WebRTC or as HTTP-FLV, or publish H.264.",
                             {}});
    const auto packager = packagerOf(**stream);
    if (!packager)
        return makeReply(packager.error());
    viewer.watch(**packager, std::move(pass));
    m_context.log.client("hls " + viewer.peer() + ": plays " + path);
    return (*packager)->ask({Wish::Kind::Multivariant, {}, Extent::Whole, viewer.name()}, asker);
}

void Desk::setWindow(std::optional<int> seconds)
{
    m_window = seconds ? std::optional<Duration>(std::chrono::seconds(*seconds)) : std::nullopt;
}

Result<Packager*> Desk::packagerOf(Stream& stream)
{
    const auto live = m_live.find(stream.key());
    if (live != m_live.end() && live->second->stream() == &stream)
        return live->second;
    if ((m_packagers.size() + 1) * leastBytes > m_options.mostBytes)
        return fail(ErrorCode::ResourceExhausted, "This node makes HLS of as many streams as its memory allows.",
                    "Ask the control plane for another node.");
    Packager::Settings settings = m_options.packaging;
    settings.window = m_window.value_or(settings.window);
    auto made = std::make_unique<Packager>(m_context.loops.home().loop(), m_context.log, stream, newSecret(), settings);
    Packager* const packager = made.get();
    m_packagers.emplace(packager->folder(), std::move(made));
    m_live[stream.key()] = packager;
    shareMemory();
    return packager;
}

Desk::Figures Desk::figures() const
{
    Figures figures;
    figures.requests = m_requests;
    for (const auto& [folder, packager] : m_packagers) {
        figures.viewers += static_cast<int>(packager->viewerCount());
        figures.streams += packager->stream() != nullptr ? 1 : 0;
        figures.bytes += packager->shelf().bytes();
        figures.waiting += packager->waitingCount();
    }
    return figures;
}

void Desk::shareMemory()
{
    const std::size_t each = m_options.mostBytes / std::max<std::size_t>(1, m_packagers.size());
    for (const auto& [folder, packager] : m_packagers)
        packager->setMostBytes(std::min(each, mostBytesOfOne));
}

void Desk::tick()
{
    if (m_options.isAlways) {
        for (const auto& [key, stream] : m_context.hub.streams()) {
            if (stream->cache().hasAnything())
                static_cast<void>(packagerOf(m_context.gate.withSound(*stream, SoundForm::Aac)));
        }
    }
    for (const auto& [folder, packager] : m_packagers)
        packager->tick();
    for (auto place = m_packagers.begin(); place != m_packagers.end();) {
        Packager& packager = *place->second;
        const bool isKept = m_options.isAlways && packager.stream() != nullptr;
        if (isKept || !packager.isOver()) {
            ++place;
            continue;
        }
        packager.endViewers("the stream is over");
        const auto live = m_live.find(packager.key());
        if (live != m_live.end() && live->second == &packager)
            m_live.erase(live);
        place = m_packagers.erase(place);
    }
    shareMemory();
}

}  // namespace headgate::hls
