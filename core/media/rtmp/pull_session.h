#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/rtmp/command.h"
#include "core/media/rtmp/link.h"

#include <string>

namespace headgate::rtmp {

struct PullRequest
{
    std::string host;         // as the parent is addressed, for tcUrl
    std::string application;  // the stream's scope
    std::string name;
    std::string nodeId;     // shown to the parent, so that it counts a child; empty to be a viewer
    std::string pullToken;  // proves that this node may pull
};

enum class PullEnd
{
    Refused,      // the parent answered no
    TurnedAway,   // it answered that it ends, and is not to be asked again
    Unpublished,  // the parent says that the stream is over
    Broken        // the connection failed, or the parent broke the protocol
};

class PullOwner
{
public:
    virtual ~PullOwner() = default;
    virtual void pullStarted(std::uint64_t epoch) = 0;                // as the parent tells it, 0 if it does not
    virtual void sourceChanged(std::uint64_t epoch) { (void)epoch; }  // another publisher goes on under a newer epoch
    virtual void frameReceived(const SharedFrame& frame) = 0;
    virtual void pullEnded(PullEnd end, std::string_view reason) = 0;  // last call
};

// Plays one stream from another node. Must outlive each call to its owner: end it with EventLoop::retire().
class PullSession final : private LinkOwner
{
public:
    // Through TLS if that is given.
    PullSession(EventLoop& loop, Socket connecting, PullRequest request, PullOwner& owner,
                std::unique_ptr<TlsStream> tls = nullptr);

    // Ends without a call to the owner.
    void close();

    // Asks the parent for a key frame, if it is one that knows what that means.
    void wantKeyFrame(int layer);
    // The same for the layers of the stream.
    void wantLayers();

    std::uint64_t bytesReceived() const { return m_link.connection().bytesReceived(); }

private:
    void linkReady() override;
    void messageReceived(Message message) override;
    void linkEnded(std::string_view reason) override;

    void handleCommand(const Command& command);
    void handleStatus(const Amf0& status);
    void sendCommand(Command command, std::uint32_t streamId);
    void end(PullEnd end, std::string_view reason);

    PullRequest m_request;
    PullOwner& m_owner;
    const char* m_scheme;
    bool m_givesKeyFrames = false;
    bool m_givesLayers = false;
    Link m_link;
    Timer m_setupTimer;
};

}  // namespace headgate::rtmp
