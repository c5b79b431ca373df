#pragma once

#include "core/domain/node.h"
#include "core/media/rtmp/frame_message.h"
#include "core/media/rtmp/pull_session.h"

#include <optional>
#include <string>
#include <vector>

namespace headgate::tests {

// Publishes frames that a test makes up.
class RtmpPublisher final : public rtmp::LinkOwner
{
public:
    RtmpPublisher(EventLoop& loop, const NodeEndpoints& server, std::string application, std::string name,
                  std::unique_ptr<TlsStream> tls = nullptr)
        : m_application(std::move(application)),
          m_name(std::move(name)),
          m_link(loop, *connectTo(SocketAddress{server.address, server.rtmpPort, {}}), rtmp::Link::Side::Client, *this,
                 std::move(tls))
    {}

    bool isPublishing() const { return m_code == "NetStream.Publish.Start"; }
    const std::string& code() const { return m_code; }
    const std::string& description() const { return m_description; }
    bool hasEnded() const { return m_hasEnded; }

    void send(const SharedFrame& frame)
    {
        m_link.sendShared(frame->encoded(WireForm::RtmpChunks, &rtmp::encodeFrame), Keep::Always);
    }
    void close() { m_link.close(); }                                      // as if the encoder had died
    void finish() { command("FCUnpublish", 6, {Amf0::Null{}, m_name}); }  // as an encoder does when it is told to end

private:
    void linkReady() override
    {
        m_link.sendWindow();
        command("connect", 1, {Amf0::Object{{{"app", m_application}}}});
        command("releaseStream", 2, {Amf0::Null{}, m_name});
        command("FCPublish", 3, {Amf0::Null{}, m_name});
        command("createStream", 4, {Amf0::Null{}});
        command("publish", 5, {Amf0::Null{}, m_name, "live"});
    }
    void command(const char* name, double transaction, std::vector<Amf0> arguments)
    {
        m_link.send(rtmp::commandChunkStream,
                    rtmp::makeCommand(rtmp::Command{name, transaction, std::move(arguments)}, 0));
    }
    void messageReceived(rtmp::Message message) override
    {
        const auto command = rtmp::parseCommand(message);
        if (!command || command->name != "onStatus")
            return;
        m_code = command->argument(1)["code"].text().value_or("");
        m_description = command->argument(1)["description"].text().value_or("");
    }
    void linkEnded(std::string_view) override { m_hasEnded = true; }

    std::string m_application;
    std::string m_name;
    std::string m_code;
    std::string m_description;
    bool m_hasEnded = false;
    rtmp::Link m_link;
};

// A player of "live/show" that speaks enhanced RTMP v2, or not, as its wishes say.
class EnhancedPlayer final : public rtmp::LinkOwner
{
public:
    EnhancedPlayer(EventLoop& loop, const NodeEndpoints& server, Amf0::Object wishes,
                   std::unique_ptr<TlsStream> tls = nullptr)
        : m_wishes(std::move(wishes)),
          m_link(loop, *connectTo(SocketAddress{server.address, server.rtmpPort, {}}), rtmp::Link::Side::Client, *this,
                 std::move(tls))
    {}

    Amf0 answer;  // to connect
    std::vector<std::string> codes;
    std::string reconnectUrl;
    std::vector<SharedFrame> frames;

private:
    void linkReady() override
    {
        m_wishes.members.emplace_back("app", "live");
        say({"connect", 1, {m_wishes}});
        say({"createStream", 2, {Amf0::Null{}}});
        say({"play", 3, {Amf0::Null{}, "show"}});
    }
    void say(const rtmp::Command& command) { m_link.send(rtmp::commandChunkStream, rtmp::makeCommand(command, 0)); }
    void messageReceived(rtmp::Message message) override
    {
        if (message.type != rtmp::MessageType::CommandAmf0)
            return rtmp::forEachFrame(std::move(message),
                                      [this](const SharedFrame& frame) { frames.push_back(frame); });
        const auto command = rtmp::parseCommand(message);
        if (!command)
            return;
        if (command->name == "_result" && command->transaction == 1)
            answer = command->argument(1);
        codes.push_back(command->argument(1)["code"].text().value_or(""));
        reconnectUrl = command->argument(1)["tcUrl"].text().value_or(reconnectUrl);
    }
    void linkEnded(std::string_view) override {}

    Amf0::Object m_wishes;
    rtmp::Link m_link;
};

// Plays a stream and keeps what it got.
class RtmpViewer final : public rtmp::PullOwner
{
public:
    RtmpViewer(EventLoop& loop, const NodeEndpoints& server, rtmp::PullRequest request,
               std::unique_ptr<TlsStream> tls = nullptr)
        : m_session(loop, *connectTo(SocketAddress{server.address, server.rtmpPort, {}}), std::move(request), *this,
                    std::move(tls))
    {}

    // A viewer of "application/name".
    RtmpViewer(EventLoop& loop, const NodeEndpoints& server, std::string application, std::string name)
        : RtmpViewer(loop, server, rtmp::PullRequest{"test", std::move(application), std::move(name), {}, {}})
    {}

    bool hasStarted = false;
    std::optional<rtmp::PullEnd> end;
    std::string reason;
    std::vector<SharedFrame> frames;

    // Of all that is no configuration and no metadata.
    std::vector<std::uint32_t> timestamps(FrameKind kind) const
    {
        std::vector<std::uint32_t> times;
        for (const SharedFrame& frame : frames) {
            if (frame->kind() == kind && !frame->isEssential())
                times.push_back(frame->timestampMs());
        }
        return times;
    }

private:
    void pullStarted(std::uint64_t) override { hasStarted = true; }
    void frameReceived(const SharedFrame& frame) override { frames.push_back(frame); }
    void pullEnded(rtmp::PullEnd how, std::string_view why) override
    {
        end = how;
        reason = why;
    }

    rtmp::PullSession m_session;
};

}  // namespace headgate::tests
