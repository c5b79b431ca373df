#pragma once

#include "core/domain/node.h"
#include "core/media/net/connection.h"
#include "core/media/net/datagrams.h"
#include "core/media/rtp/rtp.h"
#include "core/media/webrtc/dtls.h"
#include "core/media/webrtc/stun.h"
#include "core/media/webrtc/tcp_peers.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate::tests {

// Somebody else's side of WebRTC, as small as it can be: offers by WHEP or WHIP, checks by ICE, shakes hands by DTLS,
// and keeps the RTP packets that it gets, or passes them on. On the loop of the test.
class WhepViewer final : private ConnectionOwner
{
public:
    struct Packet
    {
        RtpHeader header;
        Bytes payload;
    };

    WhepViewer(EventLoop& loop, const NodeEndpoints& node) : m_loop(loop), m_node(node)
    {
        bind();
        makeClient();
    }
    ~WhepViewer() override { m_loop.unwatch(m_socket.fd()); }

    // Its certificate's own unless another is told.
    std::string offer(const std::string& fingerprint = {}) const
    {
        return "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
               "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n"
               "a=ice-pwd:0123456789abcdefghijklmn\r\na=fingerprint:" +
               (fingerprint.empty() ? m_fingerprint.text() : fingerprint) +
               "\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
               "m=video 9 UDP/TLS/RTP/SAVPF 96 102\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\na=rtcp-mux\r\n"
               "a=rtpmap:96 VP8/90000\r\na=rtpmap:102 H264/90000\r\n"
               "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n";
    }

    // What browsers offer for H.264 with repair and feedback; `direction` is "recvonly" or "sendonly".
    std::string fullOffer(const std::string& direction) const
    {
        return "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
               "m=video 9 UDP/TLS/RTP/SAVPF 102 103\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n"
               "a=ice-pwd:0123456789abcdefghijklmn\r\na=fingerprint:" +
               m_fingerprint.text() + "\r\na=setup:actpass\r\na=mid:0\r\na=" + direction +
               "\r\na=rtcp-mux\r\na=extmap:3 "
               "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
               "a=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack\r\na=rtcp-fb:102 nack pli\r\na=rtcp-fb:102 "
               "transport-cc\r\n"
               "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
               "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n";
    }

    void call(const std::string& method, const std::string& target, const std::string& fields = {},
              const std::string& body = {})
    {
        reply.clear();
        isAnswered = false;
        m_http.reset(new Connection(m_loop, *connectTo(SocketAddress{m_node.address, m_node.httpPort, {}}),
                                    Connection::Origin::Outgoing, *this));
        const std::string text = method + " " + target + " HTTP/1.1\r\nHost: node\r\nConnection: close\r\n" + fields +
                                 "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        const ByteView view = viewOf(text);
        m_http->send(Bytes(view.begin(), view.end()));
    }
    void post(const std::string& path, const std::string& sdp, const std::string& fields = {})
    {
        call("POST", "/whep/" + path, "Content-Type: application/sdp\r\n" + fields, sdp);
    }
    int status() const { return isAnswered ? std::stoi(reply.substr(9, 3)) : 0; }
    std::string field(const std::string& name) const { return lineAfter("\r\n" + name + ": "); }

    // As after another network was found.
    void rebind()
    {
        m_loop.unwatch(m_socket.fd());
        bind();
    }

    // One check, as the controlling side makes them.
    void check() { send(checkRequest(lineAfter("a=ice-ufrag:"), lineAfter("a=ice-pwd:"))); }
    // Everything goes over a connection of TCP from now on.
    void useTcp()
    {
        m_tcp = std::make_unique<Framed>(m_loop, SocketAddress{m_node.address, m_node.webrtcPort, {}},
                                         [this](std::span<std::uint8_t> packet) { take(packet); });
    }
    void useUdp() { m_tcp.reset(); }
    bool isTcpOpen() const { return m_tcp && m_tcp->isOpen; }
    void send(ByteView datagram)
    {
        if (m_tcp)
            return m_tcp->send(datagram);
        const DatagramAddress to(m_node.address, port != 0 ? port : m_node.webrtcPort);
        ::sendto(m_socket.fd(), datagram.data(), datagram.size(), 0, static_cast<const sockaddr*>(to.raw()),
                 to.rawSize());
    }
    void sendRtcp(Bytes packet)
    {
        const std::size_t size = packet.size();
        packet.resize(size + webrtc::mostSrtpTrailer);
        send(ByteView(packet).first(*m_srtp->protectRtcp(packet, size)));
    }
    void sendRtp(Bytes packet)
    {
        const std::size_t size = packet.size();
        packet.resize(size + webrtc::mostSrtpTrailer);
        send(ByteView(packet).first(*m_srtp->protect(packet, size)));
    }
    // What a lossy network needs: once more what was not answered.
    void insist()
    {
        check();
        if (checksAnswered > 0 && !isConnected()) {
            DTLSv1_handle_timeout(m_ssl.get());
            shakeHands();
        }
    }
    void shakeHands()
    {
        ::SSL_do_handshake(m_ssl.get());
        flush();
    }
    bool isConnected() const { return m_srtp.has_value(); }

    static Bytes checkRequest(const std::string& ufrag, const std::string& password)
    {
        Bytes message{0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        const std::string name = ufrag + ":abcd";
        appendU16(message, 0x0006);
        appendU16(message, static_cast<std::uint32_t>(name.size()));
        appendView(message, viewOf(name));
        message.resize((message.size() + 3) / 4 * 4);
        appendU16(message, 0x0025);
        appendU16(message, 0);
        message[3] = static_cast<std::uint8_t>(message.size() - 20 + 24);
        std::array<std::uint8_t, 20> digest{};
        ::HMAC(::EVP_sha1(), password.data(), static_cast<int>(password.size()), message.data(), message.size(),
               digest.data(), nullptr);
        appendU16(message, 0x0008);
        appendU16(message, 20);
        appendView(message, digest);
        message[3] = static_cast<std::uint8_t>(message.size() - 20 + 8);
        const std::uint32_t crc = webrtc::crc32Of(message) ^ 0x5354554E;
        appendU16(message, 0x8028);
        appendU16(message, 4);
        appendU32(message, crc);
        return message;
    }

    std::uint16_t port = 0;                      // of UDP; 0: the node's own
    std::function<void(ByteView packet)> onRtp;  // instead of keeping it
    std::function<void(ByteView packet)> onRtcp;
    std::string reply;
    bool isAnswered = false;
    int checksAnswered = 0;
    int datagrams = 0;
    std::vector<Packet> packets;
    std::vector<std::uint16_t> sequences;  // of all RTP that came, what came again included

private:
    // Datagrams over TCP (RFC 4571).
    class Framed final : private ConnectionOwner
    {
    public:
        using Use = std::function<void(std::span<std::uint8_t>)>;

        Framed(EventLoop& loop, const SocketAddress& to, Use use)
            : m_use(std::move(use)), m_connection(loop, *connectTo(to), Connection::Origin::Outgoing, *this)
        {}
        void send(ByteView datagram)
        {
            Bytes framed;
            webrtc::appendFramed(framed, datagram);
            m_connection.send(std::move(framed));
        }
        bool isOpen = true;

    private:
        void bytesReceived(ByteView bytes) override
        {
            appendView(m_received, bytes);
            while (m_received.size() >= 2) {
                const std::size_t size = 2 + (std::size_t{m_received[0]} << 8 | m_received[1]);
                if (m_received.size() < size)
                    return;
                m_use(std::span(m_received).subspan(2, size - 2));
                m_received.erase(m_received.begin(), m_received.begin() + static_cast<std::ptrdiff_t>(size));
            }
        }
        void connectionEnded(std::string_view) override { isOpen = false; }

        Use m_use;
        Bytes m_received;
        Connection m_connection;
    };

    void bytesReceived(ByteView bytes) override { reply += textOf(bytes); }
    void connectionEnded(std::string_view) override { isAnswered = reply.size() > 12; }

    std::string lineAfter(const std::string& name) const
    {
        const std::size_t at = reply.find(name);
        return at == std::string::npos
                   ? std::string()
                   : reply.substr(at + name.size(), reply.find("\r\n", at + name.size()) - at - name.size());
    }

    void bind()
    {
        m_socket = std::move(*bindDatagrams(SocketAddress{m_node.address, 0, {}}));
        m_loop.watch(m_socket.fd(), Interest::Read, [this](Readiness) {
            m_reader.read(m_socket.fd(), [this](const DatagramAddress&, std::span<std::uint8_t> b) { take(b); });
        });
    }

    void makeClient()
    {
        const std::shared_ptr<EVP_PKEY> key(::EVP_EC_gen("P-256"), &::EVP_PKEY_free);
        const std::shared_ptr<X509> certificate(::X509_new(), &::X509_free);
        ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -60);
        ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
        ::X509_set_pubkey(certificate.get(), key.get());
        ::X509_sign(certificate.get(), key.get(), ::EVP_sha256());
        std::array<unsigned char, 32> digest{};
        ::X509_digest(certificate.get(), ::EVP_sha256(), digest.data(), nullptr);
        m_fingerprint = {"sha-256", std::string(digest.begin(), digest.end())};
        m_context.reset(::SSL_CTX_new(::DTLS_client_method()), &::SSL_CTX_free);
        ::SSL_CTX_use_certificate(m_context.get(), certificate.get());
        ::SSL_CTX_use_PrivateKey(m_context.get(), key.get());
        ::SSL_CTX_set_tlsext_use_srtp(m_context.get(), "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80");
        m_ssl.reset(::SSL_new(m_context.get()), &::SSL_free);
        ::SSL_set_bio(m_ssl.get(), ::BIO_new(::BIO_s_mem()), ::BIO_new(::BIO_s_mem()));
        ::SSL_set_options(m_ssl.get(), SSL_OP_NO_QUERY_MTU);
        DTLS_set_link_mtu(m_ssl.get(), 1200);
        ::SSL_set_connect_state(m_ssl.get());
    }

    void take(std::span<std::uint8_t> bytes)
    {
        ++datagrams;
        if (bytes[0] < 4) {
            checksAnswered += bytes[0] == 1 && bytes[1] == 1 ? 1 : 0;
        } else if (bytes[0] < 64) {
            ::BIO_write(::SSL_get_rbio(m_ssl.get()), bytes.data(), static_cast<int>(bytes.size()));
            if (::SSL_do_handshake(m_ssl.get()) == 1 && !m_srtp)
                takeKeys();
            flush();
        } else if (m_srtp && (bytes[1] < 192 || bytes[1] >= 224)) {
            sequences.push_back(static_cast<std::uint16_t>(bytes[2] << 8 | bytes[3]));
            if (const auto packet = m_srtp->unprotect(bytes))
                onRtp ? onRtp(*packet) : keep(*packet);
        } else if (m_srtp && onRtcp) {
            if (const auto packet = m_srtp->unprotectRtcp(bytes))
                onRtcp(*packet);
        }
    }

    void keep(ByteView packet)
    {
        ByteReader reader(packet);
        reader.u8();
        const std::uint32_t type = reader.u8();
        RtpHeader header{type >= 128, static_cast<std::uint8_t>(type & 127), static_cast<std::uint16_t>(reader.u16()),
                         0, 0};
        header.timestamp = reader.u32();
        header.ssrc = reader.u32();
        const ByteView payload = reader.take(reader.remaining());
        packets.push_back({header, Bytes(payload.begin(), payload.end())});
    }

    // The client's side of RFC 5764, 4.2, for AES-GCM.
    void takeKeys()
    {
        std::array<unsigned char, 56> material{};
        const std::string label = "EXTRACTOR-dtls_srtp";
        ::SSL_export_keying_material(m_ssl.get(), material.data(), material.size(), label.data(), label.size(), nullptr,
                                     0, 0);
        webrtc::SrtpKeys keys;
        std::copy_n(material.data(), 16, keys.local.data());
        std::copy_n(material.data() + 16, 16, keys.remote.data());
        std::copy_n(material.data() + 32, 12, keys.local.data() + 16);
        std::copy_n(material.data() + 44, 12, keys.remote.data() + 16);
        m_srtp = std::move(*webrtc::SrtpLink::make(keys));
    }

    void flush()
    {
        char* start = nullptr;
        const long size = BIO_get_mem_data(::SSL_get_wbio(m_ssl.get()), &start);
        ByteView left(reinterpret_cast<const std::uint8_t*>(start), static_cast<std::size_t>(size));
        while (left.size() >= 13) {
            const std::size_t record = 13u + (std::size_t{left[11]} << 8 | left[12]);
            send(left.first(record));
            left = left.subspan(record);
        }
        (void)BIO_reset(::SSL_get_wbio(m_ssl.get()));
    }

    EventLoop& m_loop;
    NodeEndpoints m_node;
    Socket m_socket;
    DatagramReader m_reader;
    std::unique_ptr<Connection> m_http;
    std::unique_ptr<Framed> m_tcp;
    std::shared_ptr<SSL_CTX> m_context;
    std::shared_ptr<SSL> m_ssl;
    webrtc::Fingerprint m_fingerprint;
    std::optional<webrtc::SrtpLink> m_srtp;
};

}  // namespace headgate::tests
