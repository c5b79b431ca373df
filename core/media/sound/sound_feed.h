#pragma once

#include "core/media/hub/stream.h"
#include "core/media/net/event_loop.h"
#include "core/media/sound/sound_maker.h"

#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace headgate {

// A stream with its sound in another form, made once for all who want it. It follows the stream, so that those who
// watch it here count among the stream's viewers. What is in that form already, or in none that is known, passes as it
// is.
class SoundFeed final : private StreamFollower
{
public:
    using Over = std::function<void(const Stream& of)>;

    SoundFeed(Stream& of, SoundForm form, const EventLoop& loop, Over onOver);
    ~SoundFeed() override;

    Stream& stream() { return m_stream; }
    bool isUsed() const { return m_stream.isFollowed() || m_stream.subscriberCount() > 0; }

private:
    void framePushed(const SharedFrame& frame) override;
    void sourceChanged(const StreamSource& source) override { m_stream.setSource(source); }
    void streamRestarted(const StreamSource& source) override;
    void streamEnded() override;
    int count(Subscriber::Kind kind) const override { return m_stream.count(kind); }
    std::uint64_t skips() const override { return m_stream.skips(); }
    std::uint64_t framesSkipped() const override { return m_stream.framesSkipped(); }

    void passSound(const SharedFrame& frame);
    void pass(const SharedFrame& frame) { m_stream.pass(frame, m_loop.now()); }

    const EventLoop& m_loop;
    const SoundForm m_form;
    Stream* m_of;
    Stream m_stream;
    Over m_onOver;
    std::unique_ptr<SoundMaker> m_maker;  // while the sound has to be made
};

// The feeds of all streams that somebody watches in another form. Belongs to the main loop's thread.
class SoundFeeds
{
public:
    explicit SoundFeeds(EventLoop& loop) : m_loop(loop), m_second(loop) {}

    // Made for the first; kept as long as somebody watches, and a moment longer. The stream itself if its sound is
    // known to be in the form, or in one that is not converted.
    Stream& of(Stream& stream, SoundForm form);

private:
    void dropUnused();

    EventLoop& m_loop;
    Timer m_second;
    std::map<std::pair<const Stream*, SoundForm>, std::unique_ptr<SoundFeed>> m_feeds;
};

}  // namespace headgate
