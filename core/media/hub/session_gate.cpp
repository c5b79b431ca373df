#include "core/media/hub/session_gate.h"

#include <algorithm>
#include <chrono>
#include <vector>

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

Result<Stream*> SessionGate::admitPublisher(std::string_view path, Publisher& publisher, const std::string& peer,
                                            MonotonicTime now)
{
    const auto key = StreamKey::parse(path);
    if (!key)
        return tl::unexpected(key.error());
    if (!m_capabilities.canPublish)
        return fail(ErrorCode::PermissionDenied, "This node's role takes no publishers.",
                    "Ask the control plane for the address to publish to.");
    if (isDraining())
        return failDraining();
    Stream* const present = m_hub.find(*key);
    if (present != nullptr && (present->publisher() != nullptr || present->abandonedAt()))
        return takeOver(*present, publisher, peer, now);
    auto opened = m_hub.open(*key, StreamSource{true, peer, "rtmp", nextEpoch()}, now);
    if (opened)
        (*opened)->setPublisher(publisher);
    return opened;
}

Result<Stream*> SessionGate::takeOver(Stream& stream, Publisher& publisher, const std::string& peer, MonotonicTime now)
{
    if (stream.publisher() != nullptr && stream.sinceLastFrame(now) < quietTime)
        return fail(ErrorCode::AlreadyExists, "The stream " + stream.key().path() + " is already live.",
                    "Publish under another name, or end the other publisher first.");
    if (stream.publisher() != nullptr)
        stream.publisher()->replaced();
    stream.setPublisher(publisher);
    // The clock may have been set back; the epoch grows all the same.
    const std::uint64_t epoch = std::max(nextEpoch(), stream.source().epoch + 1);
    stream.restart(StreamSource{true, peer, "rtmp", epoch}, SourceTime::StartsAnew, now);
    m_hub.publisherChanged();
    return &stream;
}

void SessionGate::dismissPublisher(Stream& stream, Departure departure, MonotonicTime now)
{
    if (departure == Departure::Finished || stream.subscriberCount() == 0) {
        m_hub.end(stream);
        return;
    }
    stream.abandon(now);
    m_hub.publisherChanged();
}

void SessionGate::endAbandoned(MonotonicTime now)
{
    std::vector<Stream*> over;
    for (const auto& [key, stream] : m_hub.streams()) {
        const auto since = stream->abandonedAt();
        if (since && (now - *since > graceTime || stream->subscriberCount() == 0))
            over.push_back(stream.get());
    }
    for (Stream* const stream : over)
        m_hub.end(*stream);
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
