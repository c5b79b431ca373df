#pragma once

#include "core/media/hub/access_pass.h"
#include "core/media/hub/hub.h"
#include "core/wire/node_protocol.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace headgate {

// Which sessions the role of a node lets it take.
struct NodeCapabilities
{
    bool canPublish = false;
    bool canSubscribe = false;
};

struct PublishRequest
{
    std::string_view path;
    std::string_view credential;  // what the publisher shows beside the name; may be empty
    std::string peer;             // host:port
    AccessPass* pass = nullptr;   // if somebody decided
    std::string_view protocol = "rtmp";
};

// The one door of every session, whatever its protocol: role, drain and seal, names, and where a stream comes from.
class SessionGate
{
public:
    // Fetches a stream that is not here yet. NotFound if it is not live anywhere.
    using Fetch = std::function<Result<Stream*>(const StreamKey&)>;

    // The stream with its sound in that form, itself if it is in that already.
    using GiveSound = std::function<Stream&(Stream&, SoundForm)>;

    // Decides who may, beyond names and roles.
    using Decide = std::function<void(const AccessRequest&, const AccessAnswer&)>;

    // Whose name was quiet for so long may be replaced.
    static constexpr Duration quietTime{2000};
    // So long the subscribers of a publisher that was lost wait for it.
    static constexpr Duration graceTime{30'000};

    enum class Departure
    {
        Finished,  // it said so
        Lost       // its connection broke
    };

    SessionGate(Hub& hub, NodeCapabilities capabilities) : m_hub(hub), m_capabilities(capabilities) {}
    void setFetch(Fetch fetch) { m_fetch = std::move(fetch); }
    void setDecide(Decide decide) { m_decide = std::move(decide); }
    void setGiveSound(GiveSound give) { m_giveSound = std::move(give); }

    // To be asked before a publisher or viewer is admitted. The answer comes once, now or later, with whom to be
    // admitted; what admission would say of name, role, drain and room anyhow comes at once.
    void authorize(const AccessRequest& request, const AccessAnswer& answer);

    // The stream, with this publisher in place of one that was lost or quiet, if there is one; its subscribers stay.
    // InvalidArgument for the name, PermissionDenied for the role, or if the one before showed another credential,
    // Unavailable while draining, AlreadyExists if another publishes under the name.
    Result<Stream*> admitPublisher(const PublishRequest& request, Publisher& publisher, MonotonicTime now);

    // The leave for a program of this node to publish or to watch once, to be shown as its token. Until it is shown, or
    // taken back.
    struct JobPass
    {
        SessionRole role = SessionRole::Publisher;
        StreamKey stream;
        std::string job;  // its id
    };
    std::string issuePass(JobPass pass);
    void takeBackPass(const std::string& token) { m_jobPasses.erase(token); }

    // What admitPublisher() would say now, for protocols that have to know before.
    Result<void> mayPublish(const PublishRequest& request, MonotonicTime now);

    // Ends the stream, or keeps it for its subscribers if its publisher was lost. Not from within Stream::push().
    void dismissPublisher(Stream& stream, Departure departure, MonotonicTime now);

    // Ends the streams that wait for a publisher in vain. To be called about once a second.
    void endAbandoned(MonotonicTime now);

    // InvalidArgument, PermissionDenied, Unavailable, NotFound if the stream is not live, ResourceExhausted if this
    // node has as many viewers as it may.
    Result<Stream*> admitViewer(std::string_view path, AccessPass* pass = nullptr, SoundForm sound = SoundForm::AsItIs);

    // As it is given to who watches it in that form.
    Stream& withSound(Stream& stream, SoundForm sound) const;

    // See Stream::wantKeyFrame() and wantLayers().
    void wantKeyFrame(const StreamKey& key, MonotonicTime now, int layer = 0);
    void wantLayers(const StreamKey& key, MonotonicTime now);

    // A node that pulls; PermissionDenied if it does not show the token. Drain does not hold it back, because viewers
    // of a stream that is still published here may need it; Unavailable only after turnChildrenAway().
    Result<Stream*> admitChild(std::string_view path, std::string_view token);

    // See node_protocol::SetEpoch. Without it the epoch is the system's clock.
    void setEpoch(std::uint64_t epoch, MonotonicTime now);

    // None: as many viewers as come. Those who are there stay.
    void setMostViewers(std::optional<int> viewers) { m_mostViewers = viewers; }

    void setPullToken(std::string token);
    void setPolicy(node_protocol::SessionPolicy policy);

    // The deadline of a drain has come: not even nodes that pull are admitted, until the next setPolicy().
    void turnChildrenAway() { m_areChildrenTurnedAway = true; }

    bool isDraining() const { return m_policy != node_protocol::SessionPolicy::Serve; }
    bool isSealed() const;

private:
    std::string jobOf(const AccessRequest& request);
    Result<StreamKey> checkPublisher(std::string_view path) const;
    Result<StreamKey> checkViewer(std::string_view path) const;
    Result<Stream*> place(const StreamKey& key, const PublishRequest& request, Publisher& publisher, MonotonicTime now);
    Result<Stream*> findOrFetch(const StreamKey& key);
    Result<void> checkTakeOver(const Stream& stream, const PublisherDigest& credential, MonotonicTime now) const;
    std::uint64_t nextEpoch(MonotonicTime now) const;

    struct ToldEpoch
    {
        std::uint64_t epoch = 0;
        MonotonicTime at;
    };

    Hub& m_hub;
    NodeCapabilities m_capabilities;
    Fetch m_fetch;
    Decide m_decide;
    GiveSound m_giveSound;
    node_protocol::SessionPolicy m_policy = node_protocol::SessionPolicy::Serve;
    bool m_areChildrenTurnedAway = false;
    std::optional<int> m_mostViewers;
    std::map<std::string, JobPass> m_jobPasses;  // by token
    std::optional<ToldEpoch> m_toldEpoch;
    std::string m_pullToken;
    std::string m_previousPullToken;  // children may not have heard of the new one yet
};

}  // namespace headgate
