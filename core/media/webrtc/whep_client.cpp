#include "core/media/webrtc/whep_client.h"

#include "core/base/check.h"
#include "core/media/webrtc/packet_kind.h"

#include <curl/curl.h>
#include <openssl/rand.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace headgate::webrtc {

namespace {

constexpr std::chrono::seconds patience{10};  // with an answer, a connection, the next frame
constexpr std::chrono::seconds farewell{1};
constexpr Duration checkPeriod{50};
constexpr Duration consentPeriod{5'000};

struct Answer
{
    long status = 0;
    std::string body;
    std::string location;
};

struct Exchange
{
    const WhepClient::Options& options;
    Answer answer{};
    bool isTooLong = false;
};

std::size_t takeBody(char* bytes, std::size_t size, std::size_t count, void* owner)
{
    auto& exchange = *static_cast<Exchange*>(owner);
    exchange.isTooLong = exchange.answer.body.size() + size * count > largestDescription;
    if (exchange.isTooLong)
        return 0;
    exchange.answer.body.append(bytes, size * count);
    return size * count;
}

int mayGoOn(void* owner, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<Exchange*>(owner)->options.isOver() ? 1 : 0;
}

Result<Answer> call(const char* method, const std::string& url, const std::string& body,
                    const WhepClient::Options& options, std::chrono::milliseconds timeout)
{
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), &curl_easy_cleanup);
    HG_CHECK(easy != nullptr);
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
        curl_slist_append(nullptr, "Content-Type: application/sdp"), &curl_slist_free_all);
    Exchange exchange{options};
    const auto set = [&easy](CURLoption option, auto value) {
        HG_CHECK(curl_easy_setopt(easy.get(), option, value) == CURLE_OK);
    };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_CUSTOMREQUEST, method);
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    set(CURLOPT_POSTFIELDS, body.c_str());
    set(CURLOPT_USERAGENT, "headgate/" HEADGATE_VERSION);
    set(CURLOPT_WRITEFUNCTION, &takeBody);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &mayGoOn);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
    if (!options.authoritiesFile.empty())
        set(CURLOPT_CAINFO, options.authoritiesFile.c_str());
    const CURLcode code = curl_easy_perform(easy.get());
    if (exchange.isTooLong)
        return fail(ErrorCode::Unavailable, "the answer is longer than 64 KiB");
    if (code != CURLE_OK)
        return fail(ErrorCode::Unavailable, curl_easy_strerror(code));
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &exchange.answer.status);
    curl_header* location = nullptr;
    if (curl_easy_header(easy.get(), "Location", 0, CURLH_HEADER, -1, &location) == CURLHE_OK)
        exchange.answer.location = location->value;
    return std::move(exchange.answer);
}

// Relative to where it was told; empty if it is no URL.
std::string resolved(const std::string& base, const std::string& location)
{
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
    char* text = nullptr;
    if (location.empty() || curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
        curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK ||
        curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK)
        return {};
    const std::unique_ptr<char, decltype(&curl_free)> owned(text, &curl_free);
    return text;
}

ErrorCode codeOf(long status)
{
    switch (status) {
    case 401:
    case 403:
        return ErrorCode::PermissionDenied;
    case 404:
        return ErrorCode::NotFound;
    case 406:
        return ErrorCode::Unsupported;
    default:
        return ErrorCode::Unavailable;
    }
}

// What the node says of a refusal, in a line.
std::string reasonOf(const Answer& answer)
{
    constexpr std::size_t longest = 500;
    std::string_view text = answer.body;
    while (text.ends_with('\n') || text.ends_with('.'))
        text.remove_suffix(1);
    const bool isLine = !text.empty() && text.size() <= longest && !text.starts_with('{') &&
                        std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
    return isLine ? std::string(text) : "the answer is " + std::to_string(answer.status);
}

// How a section was answered, as it was offered here.
MediaAnswer agreedOn(const SdpMedia& media)
{
    MediaAnswer agreed;
    for (const SdpCodec& codec : media.codecs)
        (codec.name == "rtx" ? agreed.repair : agreed.codec) = &codec;
    agreed.transportSequenceId = media.transportSequenceId;
    return agreed;
}

}  // namespace

bool isWhepUrl(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    const std::size_t path = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
    if (!url.starts_with("http") || path == std::string_view::npos)
        return false;
    return url.substr(path).starts_with("/whep/") || url.substr(path).starts_with("/as/v1/proxy/whep/");
}

WhepClient::WhepClient(std::string url, Options options, DtlsIdentity identity)
    : m_url(std::move(url)),
      m_options(std::move(options)),
      m_identity(std::move(identity)),
      m_receiver({[this](SharedFrame frame) { m_frames.push_back(std::move(frame)); },
                  [this](const Bytes& packet) { m_link->sendRtcp(packet); }},
                 std::nullopt)
{}

WhepClient::~WhepClient()
{
    if (m_link)
        m_link->close();
    if (!m_session.empty())
        (void)call("DELETE", m_session, {}, {m_options.authoritiesFile, [] { return false; }}, farewell);
    for (const Socket* const socket : {&m_ipv4, &m_ipv6}) {
        if (socket->isOpen())
            m_loop.unwatch(socket->fd());
    }
}

Error WhepClient::failure(ErrorCode code, const std::string& why) const
{
    return {code,
            "The stream " + m_url + " cannot be played: " + why + ".",
            "Check that it is on air. It is tried again by itself.",
            {}};
}

Result<std::unique_ptr<WhepClient>> WhepClient::open(const std::string& url, Options options)
{
    auto identity = DtlsIdentity::make();
    if (!identity)
        return tl::unexpected(identity.error());
    std::unique_ptr<WhepClient> self(new WhepClient(url, std::move(options), std::move(*identity)));
    if (const auto agreed = self->negotiate(); !agreed)
        return tl::unexpected(agreed.error());
    if (const auto connected = self->connect(); !connected)
        return tl::unexpected(connected.error());
    return self;
}

std::string WhepClient::offer() const
{
    std::string sdp = "v=0\r\no=- " + std::to_string(m_check.tieBreaker >> 2) +
                      " 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n";
    const auto begin = [&](const std::string& mid, const std::string& line) {
        sdp += line + "\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:" + m_ice.ufrag + "\r\na=ice-pwd:" + m_ice.password +
               "\r\na=fingerprint:" + m_identity.fingerprint().text() + "\r\na=setup:actpass\r\na=mid:" + mid +
               "\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=extmap:3 "
               "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";
    };
    begin("0", "m=audio 9 UDP/TLS/RTP/SAVPF 111");
    sdp += "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=1;useinbandfec=1\r\n";
    struct Pictures
    {
        const char* type;
        const char* repair;
        const char* name;
        const char* parameters;
    };
    constexpr Pictures all[] = {
        {"102", "103", "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f"},
        {"104", "105", "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"},
        {"106", "107", "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
        {"96", "97", "VP8", ""},
        {"98", "99", "VP9", "profile-id=0"},
        {"100", "101", "AV1", "profile=0"}};
    std::string types;
    for (const Pictures& one : all)
        types += std::string(" ") + one.type + " " + one.repair;
    begin("1", "m=video 9 UDP/TLS/RTP/SAVPF" + types);
    for (const Pictures& one : all) {
        const std::string type = one.type;
        sdp += "a=rtpmap:" + type + " " + one.name + "/90000\r\n";
        if (*one.parameters != '\0')
            sdp += "a=fmtp:" + type + " " + one.parameters + "\r\n";
        for (const char* const feedback : {"nack", "nack pli", "transport-cc"})
            sdp += "a=rtcp-fb:" + type + " " + feedback + "\r\n";
        sdp += std::string("a=rtpmap:") + one.repair + " rtx/90000\r\na=fmtp:" + one.repair + " apt=" + type + "\r\n";
    }
    return sdp;
}

Result<void> WhepClient::negotiate()
{
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&m_check.tieBreaker), sizeof m_check.tieBreaker);
    const auto reply = call("POST", m_url, offer(), m_options, patience);
    if (!reply)
        return tl::unexpected(failure(ErrorCode::Unavailable, reply.error().message));
    if (reply->status != 201)
        return tl::unexpected(failure(codeOf(reply->status), reasonOf(*reply)));
    m_session = resolved(m_url, reply->location);
    const auto answer = readDescription(reply->body);
    if (!answer)
        return tl::unexpected(failure(ErrorCode::Unavailable, answer.error().message));
    if (answer->setup == "active")
        return tl::unexpected(failure(ErrorCode::Unsupported, "the other side does not wait for DTLS to begin"));
    for (const SdpMedia& media : answer->media) {
        const MediaAnswer agreed = agreedOn(media);
        if (!media.isRejected && agreed.codec != nullptr)
            m_receiver.expect(agreed, media.kind == "video");
    }
    m_peersIce = answer->ice;
    m_check.username = m_peersIce.ufrag + ":" + m_ice.ufrag;
    m_link.emplace(m_loop, m_identity, answer->fingerprint, static_cast<SecureLinkOwner&>(*this), DtlsRole::Client);
    bind(readCandidates(reply->body));
    if (m_candidates.empty())
        return tl::unexpected(failure(ErrorCode::Unavailable, "the answer names no address that can be reached"));
    return {};
}

// A socket of each kind of address; one that this machine has not is left out.
void WhepClient::bind(const std::vector<SocketAddress>& candidates)
{
    for (const SocketAddress& candidate : candidates) {
        const DatagramAddress to(candidate.host, candidate.port);
        if (!to.isKnown())
            continue;  // the name of a host
        Socket& socket = to.isIpv6() ? m_ipv6 : m_ipv4;
        if (!socket.isOpen()) {
            auto bound = bindDatagrams(SocketAddress{to.isIpv6() ? "::" : "0.0.0.0", 0, {}});
            if (!bound)
                continue;
            socket = std::move(*bound);
            m_loop.watch(socket.fd(), Interest::Read, [this, fd = socket.fd()](Readiness) {
                m_reader.read(fd, [this](const DatagramAddress& from, std::span<std::uint8_t> bytes) {
                    datagramReceived(from, bytes);
                });
            });
        }
        m_candidates.push_back(to);
    }
}

Result<void> WhepClient::connect()
{
    const auto until = Clock::now() + patience;
    ::RAND_bytes(m_check.transaction.data(), static_cast<int>(m_check.transaction.size()));
    check();
    m_checks.startRepeating(checkPeriod, [this] { check(); });
    while (m_link->srtp() == nullptr && m_failure.empty()) {
        if (m_options.isOver())
            return tl::unexpected(failure(ErrorCode::Unavailable, "it was ended here"));
        if (Clock::now() > until)
            return tl::unexpected(failure(ErrorCode::Unavailable, m_peer.isKnown()
                                                                      ? "the DTLS handshake got no answer"
                                                                      : "the node's UDP port cannot be reached"));
        m_loop.runOnce(checkPeriod);
    }
    if (!m_failure.empty())
        return tl::unexpected(failure(ErrorCode::Unavailable, m_failure));
    m_look.startRepeating(MediaReceiver::lookPeriod, [this] { m_receiver.look(m_loop.now()); });
    m_reports.startRepeating(MediaReceiver::reportPeriod, [this] { m_receiver.report(m_loop.now()); });
    return {};
}

void WhepClient::check()
{
    const Bytes request = stunRequest(m_check, m_peersIce.password);
    if (m_peer.isKnown())
        return send(m_peer, request);
    for (const DatagramAddress& candidate : m_candidates)
        send(candidate, request);
}

void WhepClient::datagramReceived(const DatagramAddress& from, std::span<std::uint8_t> bytes)
{
    if (kindOf(bytes) != PacketKind::Stun)
        return m_link->receive(bytes);
    if (isAnswerTo(m_check, bytes, m_peersIce.password))
        checkAnswered(from);
}

// The first address to answer is taken; later checks are for consent (RFC 7675).
void WhepClient::checkAnswered(const DatagramAddress& from)
{
    ::RAND_bytes(m_check.transaction.data(), static_cast<int>(m_check.transaction.size()));
    if (m_peer.isKnown())
        return;
    m_peer = from;
    m_checks.startRepeating(consentPeriod, [this] { check(); });
    m_link->begin();
}

void WhepClient::send(const DatagramAddress& to, ByteView datagram)
{
    ::sendto((to.isIpv6() ? m_ipv6 : m_ipv4).fd(), datagram.data(), datagram.size(), 0,
             static_cast<const sockaddr*>(to.raw()), to.rawSize());
}

Result<SharedFrame> WhepClient::next()
{
    const auto until = Clock::now() + patience;
    while (m_frames.empty()) {
        if (!m_failure.empty())
            return tl::unexpected(failure(ErrorCode::Unavailable, m_failure));
        if (m_options.isOver() || Clock::now() > until)
            return tl::unexpected(failure(ErrorCode::Unavailable, "nothing came for 10 s"));
        m_loop.runOnce(MediaReceiver::lookPeriod);
    }
    SharedFrame frame = std::move(m_frames.front());
    m_frames.pop_front();
    return frame;
}

}  // namespace headgate::webrtc
