#pragma once

#include "core/media/hub/stream.h"
#include "core/media/net/event_loop.h"
#include "core/media/webrtc/opus_maker.h"

#include <functional>
#include <map>
#include <memory>

namespace headgate::webrtc {

// A stream as WebRTC takes it: its pictures, and its sound as Opus, made once for all who watch. It follows the stream,
// so that those who watch it here count among the stream's viewers.
class Feed final : private StreamFollower
{
public:
    using Over = std::function<void(const Stream& of)>;

    Feed(Stream& of, MonotonicTime now, const EventLoop& loop, Over onOver);
    ~Feed() override;

    Stream& stream() { return m_stream; }

private:
    void framePushed(const SharedFrame& frame) override;
    void sourceChanged(const StreamSource& source) override { m_stream.setSource(source); }
    void streamRestarted(const StreamSource& source) override;
    void streamEnded() override;
    int count(Subscriber::Kind kind) const override { return m_stream.count(kind); }
    std::uint64_t skips() const override { return m_stream.skips(); }
    std::uint64_t framesSkipped() const override { return m_stream.framesSkipped(); }

    void passSound(const SharedFrame& frame);

    const EventLoop& m_loop;
    Stream* m_of;
    Stream m_stream;
    Over m_onOver;
    std::unique_ptr<OpusMaker> m_opus;  // while the sound is AAC
};

// The feeds of all streams that somebody watches over WebRTC. Belongs to the main loop's thread.
class Feeds
{
public:
    explicit Feeds(EventLoop& loop) : m_loop(loop), m_second(loop) {}

    // Made for the first; kept as long as somebody watches, and a moment longer.
    Stream& of(Stream& stream);

    // Of the stream's publisher, if it publishes here and can be asked.
    void askForKeyFrame(const StreamKey& key);

private:
    void dropUnused();

    EventLoop& m_loop;
    Timer m_second;
    std::map<const Stream*, std::unique_ptr<Feed>> m_feeds;
};

}  // namespace headgate::webrtc
