#include "core/media/hub/session_gate.h"

#include <chrono>

namespace headgate {

namespace {

bool isSameSecret(std::string_view shown, std::string_view expected)
{
    // Takes the same time wherever the difference is.
    if (expected.empty() || shown.size() != expected.size())
        return false;
    int difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        difference |= shown[i] ^ expected[i];
    return difference == 0;
}

std::uint64_t nextEpoch()
{
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    return static_cast<std::uint64_t>(toEpochMs(now));
}

tl::unexpected<Error> failDraining()
{
    return fail(ErrorCode::Unavailable, "This node takes no new sessions.", "Ask the control plane for another node.");
}

}  // namespace

Result<Stream*> SessionGate::admitPublisher(std::string_view path, const std::string& peer, MonotonicTime now)
{
    const auto key = StreamKey::parse(path);
    if (!key)
        return tl::unexpected(key.error());
    if (!m_capabilities.canPublish)
        return fail(ErrorCode::PermissionDenied, "This node's role takes no publishers.",
                    "Ask the control plane for the address to publish to.");
    if (isDraining())
        return failDraining();
    return m_hub.open(*key, StreamSource{true, peer, "rtmp", nextEpoch()}, now);
}

Result<Stream*> SessionGate::findOrFetch(const StreamKey& key)
{
    if (Stream* const present = m_hub.find(key))
        return present;
    if (m_fetch)
        return m_fetch(key);
    return fail(ErrorCode::NotFound, "The stream " + key.path() + " is not live.");
}

Result<Stream*> SessionGate::admitViewer(std::string_view path)
{
    const auto key = StreamKey::parse(path);
    if (!key)
        return tl::unexpected(key.error());
    if (!m_capabilities.canSubscribe)
        return fail(ErrorCode::PermissionDenied, "This node's role serves no viewers.",
                    "Ask the control plane for the address to play from.");
    if (isDraining())
        return failDraining();
    return findOrFetch(*key);
}

Result<Stream*> SessionGate::admitChild(std::string_view path, std::string_view token)
{
    const auto key = StreamKey::parse(path);
    if (!key)
        return tl::unexpected(key.error());
    if (!isSameSecret(token, m_pullToken) && !isSameSecret(token, m_previousPullToken))
        return fail(ErrorCode::PermissionDenied, "The token to pull from this node does not hold.");
    return findOrFetch(*key);
}

void SessionGate::setPullToken(std::string token)
{
    if (token == m_pullToken)
        return;
    m_previousPullToken = std::move(m_pullToken);
    m_pullToken = std::move(token);
}

void SessionGate::setPolicy(node_protocol::SessionPolicy policy)
{
    if (m_policy == node_protocol::SessionPolicy::Seal && isSealed())
        return;
    m_policy = policy;
}

bool SessionGate::isSealed() const
{
    return m_policy == node_protocol::SessionPolicy::Seal && m_hub.publisherCount() == 0;
}

}  // namespace headgate
