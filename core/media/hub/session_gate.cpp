#include "core/media/hub/session_gate.h"

#include "core/base/check.h"
#include "core/base/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace headgate {

namespace {

PublisherDigest digestOf(std::string_view credential)
{
    PublisherDigest digest{};
    HG_CHECK(::EVP_Digest(credential.data(), credential.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr) == 1);
    return digest;
}

// Tokens change from one connection to the next, the proven user does not.
PublisherDigest digestOf(const PublishRequest& request)
{
    const bool isProven = request.pass != nullptr && !request.pass->identity().empty();
    return digestOf(isProven ? "user " + request.pass->identity() : std::string(request.credential));
}

// By a publisher who is here or is waited for.
bool isTaken(const Stream* stream)
{
    return stream != nullptr && (stream->publisher() != nullptr || stream->abandonedAt());
}

tl::unexpected<Error> failDraining()
{
    return fail(ErrorCode::Unavailable, "This node takes no new sessions.", "Ask the control plane for another node.");
}

}  // namespace

void SessionGate::authorize(const AccessRequest& request, const AccessAnswer& answer)
{
    AccessRequest known = request;
    known.job = jobOf(request);
    const auto key = request.role == SessionRole::Publisher ? checkPublisher(request.path)
                     : known.job.empty()                    ? checkViewer(request.path)
                                                            : StreamKey::parse(request.path);
    if (!key)
        return answer(tl::unexpected(key.error()));
    if (m_decide)
        return m_decide(known, answer);
    answer(nullptr);
}

std::string SessionGate::issuePass(JobPass pass)
{
    std::string bytes(16, '\0');
    HG_CHECK(::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1);
    std::string token = "headgate-job." + toHex(bytes);
    m_jobPasses.emplace(token, std::move(pass));
    return token;
}

// Empty if no job of this node asks. A pass that is shown for something else is none.
std::string SessionGate::jobOf(const AccessRequest& request)
{
    const auto shown = m_jobPasses.find(request.credentials.token);
    if (shown == m_jobPasses.end() || shown->second.role != request.role || shown->second.stream.path() != request.path)
        return {};
    std::string job = std::move(shown->second.job);
    m_jobPasses.erase(shown);
    return job;
}

Result<StreamKey> SessionGate::checkPublisher(std::string_view path) const
{
    auto key = StreamKey::parse(path);
    if (!key)
        return key;
    if (!m_capabilities.canPublish)
        return fail(ErrorCode::PermissionDenied, "This node's role takes no publishers.",
                    "Ask the control plane for the address to publish to.");
    if (isDraining())
        return failDraining();
    return key;
}

Result<Stream*> SessionGate::admitPublisher(const PublishRequest& request, Publisher& publisher, MonotonicTime now)
{
    const auto key = checkPublisher(request.path);
    if (!key)
        return tl::unexpected(key.error());
    auto placed = place(*key, request, publisher, now);
    if (placed && request.pass != nullptr)
        request.pass->tellAdmitted();
    return placed;
}

Result<void> SessionGate::mayPublish(const PublishRequest& request, MonotonicTime now)
{
    const auto key = checkPublisher(request.path);
    if (!key)
        return tl::unexpected(key.error());
    const Stream* const present = m_hub.find(*key);
    return isTaken(present) ? checkTakeOver(*present, digestOf(request), now) : Result<void>();
}

Result<Stream*> SessionGate::place(const StreamKey& key, const PublishRequest& request, Publisher& publisher,
                                   MonotonicTime now)
{
    StreamSource source{true, request.peer, std::string(request.protocol), nextEpoch(now), digestOf(request)};
    Stream* const present = m_hub.find(key);
    if (!isTaken(present)) {
        auto opened = m_hub.open(key, std::move(source), now);
        if (opened)
            (*opened)->setPublisher(publisher);
        return opened;
    }
    if (auto mayTake = checkTakeOver(*present, source.credential, now); !mayTake)
        return tl::unexpected(mayTake.error());
    if (present->publisher() != nullptr)
        present->publisher()->replaced();
    present->setPublisher(publisher);
    // The clock may have been set back; the epoch grows all the same.
    source.epoch = std::max(source.epoch, present->source().epoch + 1);
    present->restart(std::move(source), SourceTime::StartsAnew, now);
    m_hub.publisherChanged();
    return present;
}

Result<void> SessionGate::checkTakeOver(const Stream& stream, const PublisherDigest& credential,
                                        MonotonicTime now) const
{
    if (stream.publisher() != nullptr && stream.sinceLastFrame(now) < quietTime)
        return fail(ErrorCode::AlreadyExists, "The stream " + stream.key().path() + " is already live.",
                    "Publish under another name, or end the other publisher first.");
    if (stream.source().credential == credential)
        return {};
    return fail(ErrorCode::PermissionDenied,
                "The name " + stream.key().path() + " is held for the publisher who had it before, which showed " +
                    "another credential.",
                "Publish with the same one, under another name, or when the name is free.");
}

void SessionGate::setEpoch(std::uint64_t epoch, MonotonicTime now)
{
    m_toldEpoch = ToldEpoch{epoch, now};
}

std::uint64_t SessionGate::nextEpoch(MonotonicTime now) const
{
    if (m_toldEpoch)
        return m_toldEpoch->epoch +
               static_cast<std::uint64_t>(std::chrono::duration_cast<Duration>(now - m_toldEpoch->at).count());
    return static_cast<std::uint64_t>(toEpochMs(std::chrono::floor<Duration>(std::chrono::system_clock::now())));
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

Result<StreamKey> SessionGate::checkViewer(std::string_view path) const
{
    auto key = StreamKey::parse(path);
    if (!key)
        return key;
    if (!m_capabilities.canSubscribe)
        return fail(ErrorCode::PermissionDenied, "This node's role serves no viewers.",
                    "Ask the control plane for the address to play from.");
    if (isDraining())
        return failDraining();
    if (m_mostViewers && m_hub.subscriberCount(Subscriber::Kind::Viewer) >= *m_mostViewers)
        return fail(ErrorCode::ResourceExhausted,
                    "This node is full: it has its " + std::to_string(*m_mostViewers) + " viewers.",
                    "Ask the control plane for another node.");
    return key;
}

Result<Stream*> SessionGate::admitViewer(std::string_view path, AccessPass* pass, SoundForm sound)
{
    const auto key = pass != nullptr && pass->isOfJob() ? StreamKey::parse(path) : checkViewer(path);
    if (!key)
        return tl::unexpected(key.error());
    auto found = findOrFetch(*key);
    if (found && pass != nullptr)
        pass->tellAdmitted();
    return found ? &withSound(**found, sound) : found;
}

Stream& SessionGate::withSound(Stream& stream, SoundForm sound) const
{
    return sound != SoundForm::AsItIs && m_giveSound ? m_giveSound(stream, sound) : stream;
}

void SessionGate::wantKeyFrame(const StreamKey& key, MonotonicTime now, int layer)
{
    if (Stream* const stream = m_hub.find(key))
        stream->wantKeyFrame(now, layer);
}

void SessionGate::wantLayers(const StreamKey& key, MonotonicTime now)
{
    if (Stream* const stream = m_hub.find(key))
        stream->wantLayers(now);
}

Result<Stream*> SessionGate::admitChild(std::string_view path, std::string_view token)
{
    const auto key = StreamKey::parse(path);
    if (!key)
        return tl::unexpected(key.error());
    if (token.empty() || (!isSameSecret(token, m_pullToken) && !isSameSecret(token, m_previousPullToken)))
        return fail(ErrorCode::PermissionDenied, "The token to pull from this node does not hold.");
    if (m_areChildrenTurnedAway)
        return fail(ErrorCode::Unavailable, "This node drains, and its deadline has come.", "Pull from another node.");
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
    m_areChildrenTurnedAway = false;
}

bool SessionGate::isSealed() const
{
    return m_policy == node_protocol::SessionPolicy::Seal && m_hub.publisherCount() == 0;
}

}  // namespace headgate
