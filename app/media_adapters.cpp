#include "app/media_adapters.h"

#include "app/node_measurement.h"
#include "core/media/ffmpeg/log_capture.h"
#include "core/media/preview/stream_player.h"
#include "core/media/test_publisher/test_publisher.h"

#include <QMetaObject>

#include <mutex>
#include <utility>

namespace headgate {

namespace {

// The picture keeps the frame's memory; nothing is copied.
QImage toImage(std::shared_ptr<const PlayerFrame> frame)
{
    auto* owner = new std::shared_ptr<const PlayerFrame>(std::move(frame));
    const PlayerFrame& picture = **owner;
    const auto release = [](void* kept) { delete static_cast<std::shared_ptr<const PlayerFrame>*>(kept); };
    return QImage(reinterpret_cast<const uchar*>(picture.pixels.data()), picture.width, picture.height,
                  picture.width * 4, QImage::Format_RGB32, release, owner);
}

PreviewStatistics toPreview(const StreamPlayerStatistics& statistics)
{
    return {.videoFormat = QString::fromStdString(statistics.videoFormat),
            .audioFormat = QString::fromStdString(statistics.audioFormat),
            .framesPerSecond = statistics.framesPerSecond,
            .bitsPerSecond = statistics.bitsPerSecond,
            .delayBehindLiveMs = statistics.delayBehindLiveMs,
            .bufferedMs = statistics.bufferedMs,
            .droppedFrames = statistics.droppedFrames,
            .soundProblem = QString::fromStdString(statistics.soundProblem)};
}

class PlayerFeed final : public PreviewFeed
{
public:
    PlayerFeed() : m_player({}, callbacks()) {}

    void start(const QString& url) override
    {
        stop();
        m_player.start(url.toStdString());
    }

    void stop() override
    {
        m_player.stop();
        // What is still on its way to this thread belongs to the past.
        ++m_generation;
        const std::lock_guard lock(m_mutex);
        m_waiting.reset();
    }

    void setMuted(bool muted) override { m_player.setMuted(muted); }
    void setVolume(double volume) override { m_player.setVolume(volume); }

private:
    StreamPlayer::Callbacks callbacks()
    {
        return {.onFrame = [this](std::shared_ptr<const PlayerFrame> frame) { keep(std::move(frame)); },
                .onStatistics =
                    [this](const StreamPlayerStatistics& statistics) {
                        post([this, statistics] { Q_EMIT statisticsChanged(toPreview(statistics)); });
                    },
                .onFailed = [this](const Error& error) { post([this, error] { Q_EMIT failed(error); }); }};
    }

    // Runs `action` on the owner's thread unless the feed was stopped in between. Called on the player's threads, which
    // are at rest while m_generation changes.
    template <typename Action>
    void post(Action action)
    {
        QMetaObject::invokeMethod(
            this,
            [this, action = std::move(action), generation = m_generation] {
                if (generation == m_generation)
                    action();
            },
            Qt::QueuedConnection);
    }

    // A busy owner gets the newest picture only.
    void keep(std::shared_ptr<const PlayerFrame> frame)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (std::exchange(m_waiting, std::move(frame)))
                return;
        }
        post([this] { deliver(); });
    }

    void deliver()
    {
        std::shared_ptr<const PlayerFrame> frame;
        {
            const std::lock_guard lock(m_mutex);
            frame = std::move(m_waiting);
        }
        if (!frame)
            return;
        const PictureStamps stamps = frame->stamps;
        Q_EMIT frameReady(toImage(std::move(frame)), stamps);
    }

    std::mutex m_mutex;
    std::shared_ptr<const PlayerFrame> m_waiting;
    int m_generation = 0;
    StreamPlayer m_player;  // last: its threads use the above
};

class TestPicturePublication final : public TestPublication
{
public:
    explicit TestPicturePublication(const QString& url)
        : m_publisher(options(url),
                      {.onStarted = [this] { post([this] { Q_EMIT started(); }); },
                       .onFailed = [this](const Error& error) { post([this, error] { Q_EMIT failed(error); }); },
                       .onStatistics = {}})
    {}

private:
    static TestPublisherOptions options(const QString& url)
    {
        TestPublisherOptions options;
        options.url = url.toStdString();
        options.keyFrameInterval = Duration(1000);  // viewers join within a second
        return options;
    }

    template <typename Action>
    void post(Action action)
    {
        QMetaObject::invokeMethod(this, std::move(action), Qt::QueuedConnection);
    }

    TestPublisher m_publisher;
};

}  // namespace

MediaServices makeMediaServices()
{
    return {.makePreview = [] { return std::make_unique<PlayerFeed>(); },
            .publishTest = [](const QString& url) { return std::make_unique<TestPicturePublication>(url); },
            .ffmpegVersion = QString::fromStdString(ffmpegVersion()),
            .measureNode = measureNode};
}

}  // namespace headgate
