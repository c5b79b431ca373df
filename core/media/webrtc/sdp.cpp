#include "core/media/webrtc/sdp.h"

#include "core/base/check.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace headgate::webrtc {

namespace {

constexpr std::string_view playoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
constexpr std::string_view transportSequence =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr std::string_view ridExtension = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
constexpr std::string_view repairedRidExtension = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
constexpr std::size_t longestName = 256;  // ufrag, password and mid

template <typename Number>
std::optional<Number> numberOf(std::string_view text)
{
    Number number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

// The next part of a text, which is left behind it.
std::string_view takeUntil(std::string_view& text, char separator)
{
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

std::string_view takeLine(std::string_view& text)
{
    std::string_view line = takeUntil(text, '\n');
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

// Names go back as they came: only what cannot end a line or a token.
bool isName(std::string_view text)
{
    return !text.empty() && text.size() <= longestName &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool isText(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// RFC 8851, 10, as short as an extension's element of one byte can tell it.
bool isRid(std::string_view text)
{
    constexpr std::size_t longest = 16;
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_');
    });
}

tl::unexpected<Error> malformed(std::string_view what)
{
    return fail(ErrorCode::InvalidArgument, "The session description is malformed: " + std::string(what) + ".",
                "Send the SDP that the browser's createOffer() made, as application/sdp.");
}

// "video 9 UDP/TLS/RTP/SAVPF 96 97"
std::optional<SdpMedia> readMediaLine(std::string_view line)
{
    SdpMedia media;
    media.kind = takeUntil(line, ' ');
    media.isRejected = takeUntil(line, ' ') == "0";
    media.protocol = takeUntil(line, ' ');
    media.formats = line;
    if (!isName(media.kind) || !isName(media.protocol) || !isText(line) || line.empty())
        return std::nullopt;
    const bool isRtp = media.protocol.find("RTP/") != std::string::npos;
    while (isRtp && !line.empty() && media.codecs.size() < mostCodecs) {
        const auto type = numberOf<int>(takeUntil(line, ' '));
        if (!type || *type < 0 || *type > 127)
            return std::nullopt;
        media.codecs.push_back(SdpCodec{*type, {}, 0, {}, {}});
    }
    return media;
}

SdpCodec* codecOf(SdpMedia& media, std::string_view payloadType)
{
    const auto type = numberOf<int>(payloadType);
    const auto found = std::find_if(media.codecs.begin(), media.codecs.end(),
                                    [&type](const SdpCodec& codec) { return codec.payloadType == type; });
    return found == media.codecs.end() ? nullptr : &*found;
}

class DescriptionReader
{
public:
    Result<SessionDescription> read(std::string_view text)
    {
        if (!text.starts_with("v=0"))
            return malformed("it does not begin with v=0");
        while (!text.empty() && m_error.empty())
            readLine(takeLine(text));
        if (!m_error.empty())
            return malformed(m_error);
        return check();
    }

private:
    void readLine(std::string_view line)
    {
        if (line.starts_with("m=")) {
            auto media = readMediaLine(line.substr(2));
            if (!media || m_description.media.size() >= mostMedia)
                m_error = "a line of media cannot be read, or there are too many";
            else
                m_description.media.push_back(std::move(*media));
        } else if (line.starts_with("a=")) {
            std::string_view value = line.substr(2);
            const std::string_view name = takeUntil(value, ':');
            readSessionAttribute(name, value);
            if (!m_description.media.empty())
                readMediaAttribute(m_description.media.back(), name, value);
        }
    }

    // Everything is in one bundle, so the first to tell tells it for all.
    void readSessionAttribute(std::string_view name, std::string_view value)
    {
        if (name == "ice-ufrag" && m_description.ice.ufrag.empty())
            m_description.ice.ufrag = value;
        else if (name == "ice-pwd" && m_description.ice.password.empty())
            m_description.ice.password = value;
        else if (name == "setup" && m_description.setup.empty())
            m_description.setup = value;
        else if (name == "fingerprint" && m_description.fingerprint.digest.empty()) {
            if (auto fingerprint = Fingerprint::parse(value))
                m_description.fingerprint = std::move(*fingerprint);
        }
    }

    void readMediaAttribute(SdpMedia& media, std::string_view name, std::string_view value)
    {
        if (name == "mid")
            media.mid = value;
        else if (name == "sendonly")
            media.direction = SdpDirection::SendOnly;
        else if (name == "recvonly")
            media.direction = SdpDirection::ReceiveOnly;
        else if (name == "inactive")
            media.direction = SdpDirection::Inactive;
        else if (name == "bundle-only")
            media.isRejected = false;  // its port is that of the others (RFC 8843, 6)
        else if (name == "extmap")
            readExtension(media, value);
        else if (name == "rtpmap")
            readMap(media, value);
        else if (name == "fmtp") {
            SdpCodec* const codec = codecOf(media, takeUntil(value, ' '));
            if (codec != nullptr && isText(value))
                codec->parameters = value;
        } else if (name == "rtcp-fb")
            readFeedback(media, value);
        else if (name == "simulcast")
            readLayers(media, value);
    }

    // "send h;~m,m2;l recv x": of alternatives the first, and those that pause (RFC 8853, 5.1).
    static void readLayers(SdpMedia& media, std::string_view value)
    {
        while (!value.empty() && takeUntil(value, ' ') != "send")
            takeUntil(value, ' ');
        std::string_view layers = takeUntil(value, ' ');
        media.rids.clear();
        while (!layers.empty() && media.rids.size() < mostRids) {
            std::string_view alternatives = takeUntil(layers, ';');
            std::string_view rid = takeUntil(alternatives, ',');
            rid.remove_prefix(rid.starts_with('~') ? 1 : 0);
            if (isRid(rid) && std::ranges::find(media.rids, rid) == media.rids.end())
                media.rids.emplace_back(rid);
        }
    }

    // "96 nack pli", "* transport-cc"
    static void readFeedback(SdpMedia& media, std::string_view value)
    {
        constexpr std::size_t most = 16;  // of one codec
        const std::string_view type = takeUntil(value, ' ');
        const SdpCodec* const one = codecOf(media, type);
        if (!isText(value))
            return;
        for (SdpCodec& codec : media.codecs) {
            if ((type == "*" || &codec == one) && codec.feedback.size() < most)
                codec.feedback.emplace_back(value);
        }
    }

    // "3 URI"; one whose direction is limited is left out.
    static void readExtension(SdpMedia& media, std::string_view value)
    {
        const auto id = numberOf<int>(takeUntil(value, ' '));
        if (!id || *id <= 0 || *id >= 15)
            return;
        if (value == transportSequence)
            media.transportSequenceId = *id;
        else if (value == playoutDelay)
            media.playoutDelayId = *id;
        else if (value == ridExtension)
            media.ridExtensions.rid = *id;
        else if (value == repairedRidExtension)
            media.ridExtensions.repairedRid = *id;
    }

    // "96 H264/90000", "111 opus/48000/2"
    static void readMap(SdpMedia& media, std::string_view value)
    {
        SdpCodec* const codec = codecOf(media, takeUntil(value, ' '));
        const std::string_view name = takeUntil(value, '/');
        const auto rate = numberOf<int>(takeUntil(value, '/'));
        if (codec == nullptr || !rate || !isName(name))
            return;
        codec->name = lowered(name);
        codec->clockRate = *rate;
    }

    Result<SessionDescription> check()
    {
        if (!isName(m_description.ice.ufrag) || !isName(m_description.ice.password))
            return malformed("it has no ICE credentials");
        if (m_description.fingerprint.digest.empty())
            return malformed("it has no fingerprint of a certificate that can be used (sha-256)");
        if (m_description.media.empty())
            return malformed("it has no media");
        for (const SdpMedia& media : m_description.media) {
            if (!media.mid.empty() && !isName(media.mid))
                return malformed("the name of a media section");
        }
        return std::move(m_description);
    }

    SessionDescription m_description;
    std::string m_error;
};

std::string_view wordOf(SdpDirection direction)
{
    switch (direction) {
    case SdpDirection::SendReceive:
        return "sendrecv";
    case SdpDirection::SendOnly:
        return "sendonly";
    case SdpDirection::ReceiveOnly:
        return "recvonly";
    case SdpDirection::Inactive:
        return "inactive";
    }
    unreachable();
}

// As their registrations write them.
std::string mapOf(const SdpCodec& codec)
{
    const std::string rate = "/" + std::to_string(codec.clockRate);
    if (codec.name == "opus")
        return "opus" + rate + "/2";
    std::string name = codec.name;
    if (name != "rtx")
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name + rate;
}

// Each address over UDP and, for who can send none, over TCP (RFC 8445, 5.1.2.1; RFC 6544, 4.2).
void appendCandidates(std::string& out, const std::vector<SocketAddress>& candidates)
{
    constexpr std::uint32_t overUdp = 126u << 24;
    constexpr std::uint32_t overTcp = 90u << 24;
    constexpr std::uint32_t component = 255;
    std::uint32_t preference = 65'535;
    int foundation = 0;
    const auto append = [&](const char* protocol, std::uint32_t priority, const SocketAddress& at, const char* more) {
        out += "a=candidate:" + std::to_string(++foundation) + " 1 " + protocol + " " + std::to_string(priority) + " " +
               at.host + " " + std::to_string(at.port) + " typ host" + more + "\r\n";
    };
    for (const SocketAddress& at : candidates) {
        append("udp", overUdp | preference << 8 | component, at, "");
        append("tcp", overTcp | preference-- << 8 | component, at, " tcptype passive");
    }
    out += "a=end-of-candidates\r\n";
}

void appendMedia(std::string& out, const SdpMedia& media, const MediaAnswer& answer, const AnswerContext& context)
{
    const auto line = [&out](const std::string& text) { out += text + "\r\n"; };
    if (answer.codec == nullptr) {
        line("m=" + media.kind + " 0 " + media.protocol + " " + media.formats);
        line("c=IN IP4 0.0.0.0");
        if (!media.mid.empty())
            line("a=mid:" + media.mid);
        // GStreamer looks for them in each section.
        line("a=fingerprint:" + context.fingerprint.text());
        line("a=setup:passive");
        return line("a=inactive");
    }
    const std::string type = std::to_string(answer.codec->payloadType);
    const std::string repair = answer.repair == nullptr ? "" : std::to_string(answer.repair->payloadType);
    line("m=" + media.kind + " 9 " + media.protocol + " " + type + (repair.empty() ? "" : " " + repair));
    line("c=IN IP4 0.0.0.0");
    appendCandidates(out, context.candidates);
    line("a=ice-ufrag:" + context.ice.ufrag);
    line("a=ice-pwd:" + context.ice.password);
    line("a=fingerprint:" + context.fingerprint.text());
    line("a=setup:" + std::string(context.setup));
    if (!media.mid.empty())
        line("a=mid:" + media.mid);
    line("a=" + std::string(wordOf(answer.direction)));
    line("a=rtcp-mux");
    line("a=rtcp-rsize");
    line("a=rtpmap:" + type + " " + mapOf(*answer.codec));
    if (!answer.parameters.empty())
        line("a=fmtp:" + type + " " + answer.parameters);
    for (const std::string& feedback : answer.feedback)
        line("a=rtcp-fb:" + type + " " + feedback);
    if (!repair.empty()) {
        line("a=rtpmap:" + repair + " " + mapOf(*answer.repair));
        line("a=fmtp:" + repair + " apt=" + type);
    }
    if (answer.transportSequenceId != 0)
        line("a=extmap:" + std::to_string(answer.transportSequenceId) + " " + std::string(transportSequence));
    if (answer.playoutDelayId != 0)
        line("a=extmap:" + std::to_string(answer.playoutDelayId) + " " + std::string(playoutDelay));
    if (answer.ridExtensions.rid != 0)
        line("a=extmap:" + std::to_string(answer.ridExtensions.rid) + " " + std::string(ridExtension));
    if (answer.ridExtensions.repairedRid != 0)
        line("a=extmap:" + std::to_string(answer.ridExtensions.repairedRid) + " " + std::string(repairedRidExtension));
    std::string layers;
    for (const std::string& rid : answer.rids) {
        line("a=rid:" + rid + " recv");
        layers += (layers.empty() ? "" : ";") + rid;
    }
    if (!layers.empty())
        line("a=simulcast:recv " + layers);
    if (answer.ssrc == 0)
        return;
    line("a=msid:headgate " + media.kind);
    if (answer.repairSsrc != 0)
        line("a=ssrc-group:FID " + std::to_string(answer.ssrc) + " " + std::to_string(answer.repairSsrc));
    for (const std::uint32_t ssrc : {answer.ssrc, answer.repairSsrc}) {
        if (ssrc == 0)
            continue;
        line("a=ssrc:" + std::to_string(ssrc) + " cname:headgate");
        line("a=ssrc:" + std::to_string(ssrc) + " msid:headgate " + media.kind);
    }
}

}  // namespace

std::string randomName(int length)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string bytes(static_cast<std::size_t>(length), 0);
    HG_CHECK(::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), length) == 1);
    for (char& c : bytes)
        c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return bytes;
}

IceCredentials IceCredentials::random()
{
    return {randomName(8), randomName(24)};
}

std::string_view SdpCodec::parameter(std::string_view wanted) const
{
    std::string_view rest = parameters;
    while (!rest.empty()) {
        std::string_view value = takeUntil(rest, ';');
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        if (takeUntil(value, '=') == wanted)
            return value;
    }
    return {};
}

Result<SessionDescription> readDescription(std::string_view text)
{
    if (text.size() > largestDescription)
        return malformed("it is larger than 64 KiB");
    return DescriptionReader().read(text);
}

std::vector<SocketAddress> readCandidates(std::string_view answer)
{
    std::vector<SocketAddress> candidates;
    while (!answer.empty() && candidates.size() < mostCandidates) {
        std::string_view line = takeLine(answer);
        if (takeUntil(line, ':') != "a=candidate")
            continue;
        takeUntil(line, ' ');  // foundation
        const std::string_view component = takeUntil(line, ' ');
        const std::string protocol = lowered(takeUntil(line, ' '));
        takeUntil(line, ' ');  // priority
        const std::string_view host = takeUntil(line, ' ');
        const auto port = numberOf<std::uint16_t>(takeUntil(line, ' '));
        if (component != "1" || protocol != "udp" || !port)
            continue;
        SocketAddress candidate{std::string(host), *port, {}};
        // Each section tells the same ones.
        if (std::ranges::find(candidates, candidate) == candidates.end())
            candidates.push_back(std::move(candidate));
    }
    return candidates;
}

Result<IceCredentials> readFragment(std::string_view text)
{
    IceCredentials ice;
    while (!text.empty()) {
        std::string_view line = takeLine(text);
        const std::string_view name = takeUntil(line, ':');
        if (name == "a=ice-ufrag" && ice.ufrag.empty())
            ice.ufrag = line;
        else if (name == "a=ice-pwd" && ice.password.empty())
            ice.password = line;
    }
    if (ice.ufrag.empty() && ice.password.empty())
        return ice;
    if (!isName(ice.ufrag) || !isName(ice.password))
        return malformed("its ICE credentials");
    return ice;
}

std::string writeAnswer(const SessionDescription& offer, const std::vector<MediaAnswer>& answers,
                        const AnswerContext& context)
{
    HG_CHECK(answers.size() == offer.media.size());
    std::string bundle;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers[i].codec != nullptr && !offer.media[i].mid.empty())
            bundle += " " + offer.media[i].mid;
    }
    std::string out = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n";
    if (!bundle.empty())
        out += "a=group:BUNDLE" + bundle + "\r\n";
    out += "a=msid-semantic: WMS *\r\n";
    for (std::size_t i = 0; i < answers.size(); ++i)
        appendMedia(out, offer.media[i], answers[i], context);
    return out;
}

}  // namespace headgate::webrtc
