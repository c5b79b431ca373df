#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/media/net/bytes.h"
#include "core/media/webrtc/srtp.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace headgate::webrtc {

// The digest of a certificate as session descriptions tell it (RFC 8122).
struct Fingerprint
{
    std::string algorithm;  // "sha-256", in lower case
    std::string digest;     // bytes

    // "sha-256 AB:CD:..."; InvalidArgument for another algorithm than sha-256, sha-384 and sha-512.
    static Result<Fingerprint> parse(std::string_view text);
    std::string text() const;

    bool operator==(const Fingerprint&) const = default;
};

// A certificate for DTLS, made anew by each node and each client: what it stands for is told over HTTP. From any
// thread.
class DtlsIdentity
{
public:
    static Result<DtlsIdentity> make();

    const Fingerprint& fingerprint() const { return m_fingerprint; }

private:
    friend class DtlsEndpoint;
    DtlsIdentity() = default;

    std::shared_ptr<ssl_ctx_st> m_context;
    Fingerprint m_fingerprint;
};

// Who begins.
enum class DtlsRole
{
    Server,  // waits for the other side
    Client
};

// One side of a DTLS 1.2 connection (RFC 5764), only to agree on keys. Belongs to one thread at a time.
class DtlsEndpoint
{
public:
    enum class State
    {
        ShakingHands,
        Connected,
        Ended
    };
    using Send = std::function<void(ByteView datagram)>;

    // The peer must show the certificate with that fingerprint.
    DtlsEndpoint(const DtlsIdentity& identity, Fingerprint peer, Send send, DtlsRole role = DtlsRole::Server);

    // Of a client, once.
    void begin() { proceed(); }
    State receive(ByteView datagram);

    // When to call retransmit(), unless something is received before.
    std::optional<Duration> retransmitsIn() const;
    State retransmit();

    // Tells the other side.
    void close();

    State state() const { return m_state; }
    const std::string& failure() const { return m_failure; }  // why it ended; empty if the other side left

    // Once connected.
    SrtpKeys keys() const { return m_keys; }

private:
    void proceed();
    void finishHandshake();
    void fail(std::string why);
    void flush();

    std::shared_ptr<ssl_st> m_ssl;
    Fingerprint m_peer;
    Send m_send;
    DtlsRole m_role;
    State m_state = State::ShakingHands;
    std::string m_failure;
    SrtpKeys m_keys;
};

}  // namespace headgate::webrtc
