#include "core/media/hub/fan_out_loop.h"

#include <utility>

namespace headgate {

// The main loop's end of a stream's copy. The copy lives until the loop has heard of the feed's end, and what was sent
// before that may use it.
class FanOutLoop::Feed final : public StreamFollower
{
public:
    Feed(FanOutLoop& to, Stream& stream, FeedId id) : m_to(to), m_stream(&stream), m_id(id)
    {
        auto copy = std::make_shared<std::unique_ptr<Stream>>(
            std::make_unique<Stream>(stream.key(), stream.source(), to.m_mainLoop.now()));
        m_copy = copy->get();
        m_copy->setCache(stream.cache());
        m_to.send([&to, copy] {
            const Stream* const key = copy->get();
            to.m_copies.emplace(key, std::move(*copy));
        });
        stream.follow(*this);
    }

    ~Feed() override
    {
        if (m_stream != nullptr)
            m_stream->unfollow(*this);
        m_to.send([&to = m_to, copy = m_copy] {
            const auto node = to.m_copies.extract(copy);
            node.mapped()->end();
        });
    }

    const Stream& stream() const { return *m_stream; }
    Stream* copy() const { return m_copy; }
    int& seats(Subscriber::Kind kind) { return kind == Subscriber::Kind::Viewer ? m_viewers : m_children; }
    bool isUnused() const { return m_viewers + m_children == 0; }

private:
    void framePushed(const SharedFrame& frame) override
    {
        if (isLeftOut(*frame))
            return;
        const std::size_t size = frame->body().size() + sizeof(MediaFrame);
        m_to.m_underWay += size;
        m_to.send([&to = m_to, copy = m_copy, frame, size] {
            to.m_underWay -= size;
            copy->pass(frame, to.m_loop.now());
        });
    }
    bool isLeftOut(const MediaFrame& frame)
    {
        const bool isFull = m_to.m_underWay > mostUnderWay;
        m_needsKeyFrame = m_needsKeyFrame || isFull;
        if (frame.isLayer() && m_needsKeyFrame)
            m_layers.close();
        if (frame.isLayer())
            return !m_layers.passes(frame);
        if (!m_needsKeyFrame || frame.isEssential())
            return false;
        m_needsKeyFrame = isFull || !(frame.isKeyFrame() || !m_stream->cache().hasVideo());
        return m_needsKeyFrame;
    }
    void sourceChanged(const StreamSource& source) override
    {
        m_to.send([copy = m_copy, source] { copy->setSource(source); });
    }
    void streamRestarted(const StreamSource& source) override
    {
        m_to.send(
            [&loop = m_to.m_loop, copy = m_copy, source] { copy->restart(source, SourceTime::Continues, loop.now()); });
    }
    void streamEnded() override
    {
        m_to.m_feedsOf.erase(std::exchange(m_stream, nullptr));
        m_to.m_feeds.erase(m_id);
    }
    int count(Subscriber::Kind kind) const override
    {
        return kind == Subscriber::Kind::Viewer ? m_viewers : m_children;
    }
    std::uint64_t skips() const override { return m_copy->skips(); }
    std::uint64_t framesSkipped() const override { return m_copy->framesSkipped(); }

    FanOutLoop& m_to;
    Stream* m_stream;
    Stream* m_copy;
    FeedId m_id;
    bool m_needsKeyFrame = false;
    LayerGate m_layers;
    int m_viewers = 0;
    int m_children = 0;
};

FanOutLoop::FanOutLoop(EventLoop& mainLoop, std::optional<Duration> mergeWindow) : m_mainLoop(mainLoop), m_host(m_loop)
{
    m_loop.setMergeWindow(mergeWindow);
    m_thread = std::thread([this] { m_loop.run(); });
}

FanOutLoop::~FanOutLoop()
{
    stop();
    m_feeds.clear();
    m_host.clear();
}

void FanOutLoop::stop()
{
    if (!m_thread.joinable())
        return;
    // As a call, since run() may not have begun.
    m_loop.post([this] { m_loop.stop(); });
    m_thread.join();
}

void FanOutLoop::send(EventLoop::Callback callback)
{
    m_batch.push_back(std::move(callback));
    m_mainLoop.scheduleTurnEnd(*this);
}

void FanOutLoop::turnEnded()
{
    m_loop.post([batch = std::exchange(m_batch, {})] {
        for (const EventLoop::Callback& callback : batch)
            callback();
    });
}

FanOutLoop::FeedId FanOutLoop::enter(Stream& stream, Subscriber::Kind kind)
{
    const auto [place, isNew] = m_feedsOf.try_emplace(&stream, m_lastFeed + 1);
    if (isNew) {
        ++m_lastFeed;
        m_feeds.emplace(m_lastFeed, std::make_unique<Feed>(*this, stream, m_lastFeed));
    }
    ++m_feeds.at(place->second)->seats(kind);
    ++m_seatCount;
    return place->second;
}

void FanOutLoop::leave(FeedId feed, Subscriber::Kind kind)
{
    --m_seatCount;
    const auto found = m_feeds.find(feed);
    if (found == m_feeds.end())
        return;  // the stream has ended
    --found->second->seats(kind);
    if (!found->second->isUnused())
        return;
    m_feedsOf.erase(&found->second->stream());
    m_feeds.erase(found);
}

void FanOutLoop::take(std::unique_ptr<Session> session, FeedId feed)
{
    const auto found = m_feeds.find(feed);
    Stream* const copy = found == m_feeds.end() ? nullptr : found->second->copy();
    send([this, copy, box = std::make_shared<std::unique_ptr<Session>>(std::move(session))] {
        m_host.receive(std::move(*box), copy);
    });
}

}  // namespace headgate
