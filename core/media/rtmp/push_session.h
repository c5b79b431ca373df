#pragma once

#include "core/media/flv/flv_tag.h"
#include "core/media/rtmp/command.h"
#include "core/media/rtmp/link.h"

#include <string>

namespace headgate::rtmp {

struct PushRequest
{
    std::string server;       // "rtmp://host:port", for tcUrl
    std::string application;  // the stream's scope
    std::string name;         // with its query
};

enum class PushEnd
{
    Refused,  // the server answered no, or that it is over
    Broken    // the connection failed, the server broke the protocol, or it gives no sign of life
};

class PushOwner
{
public:
    virtual ~PushOwner() = default;
    virtual void pushStarted() = 0;                                    // the server has taken the stream
    virtual void pushEnded(PushEnd end, std::string_view reason) = 0;  // last call
};

// Publishes one stream to a server. The network takes bytes for a server that hangs, so the server itself is asked for
// a sign of life twice a second, by a ping: one that ever gave any and gives none for 2 s is lost. Must outlive each
// call to its owner: end it with EventLoop::retire() or between turns.
class PushSession final : private LinkOwner
{
public:
    // Through TLS if that is given.
    PushSession(EventLoop& loop, Socket connecting, PushRequest request, PushOwner& owner,
                std::unique_ptr<TlsStream> tls = nullptr);

    // The body of an FLV tag; once started.
    void send(const FlvTag& tag);

    // What is sent now waits for what was sent before.
    bool isBehind() const;

    // Says that the stream is over; the owner hears pushEnded() when that is out.
    void finish();

private:
    void linkReady() override;
    void messageReceived(Message message) override;
    void linkEnded(std::string_view reason) override;

    void handleCommand(const Command& command);
    void handleStatus(const Amf0& status);
    void sendCommand(Command command, std::uint32_t streamId);
    void begin();
    void watch();
    void end(PushEnd end, std::string_view reason);

    PushRequest m_request;
    PushOwner& m_owner;
    Link m_link;
    Timer m_setupTimer;
    Timer m_watchTimer;
    std::uint32_t m_streamId = 0;
    std::uint64_t m_heardBytes = 0;  // at the last look
    int m_silentLooks = 0;
    bool m_isStarted = false;
    bool m_givesSigns = false;
};

}  // namespace headgate::rtmp
