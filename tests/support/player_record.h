#pragma once

#include "core/media/preview/stream_player.h"

#include <QString>

#include <mutex>
#include <optional>
#include <vector>

namespace headgate::test {

// What a player said, readable from the test's thread.
class PlayerRecord
{
public:
    StreamPlayer::Callbacks callbacks()
    {
        return {.onFrame =
                    [this](const std::shared_ptr<const PlayerFrame>& frame) {
                        const std::lock_guard lock(m_mutex);
                        ++m_frames;
                        m_last = {frame->width, frame->height, frame->timestamp, frame->stamps, {}};
                        if (frame->stamps.isLive)
                            m_liveStamps.push_back(frame->stamps);
                    },
                .onStatistics =
                    [this](const StreamPlayerStatistics& statistics) {
                        const std::lock_guard lock(m_mutex);
                        m_statistics = statistics;
                    },
                .onFailed =
                    [this](const Error& error) {
                        const std::lock_guard lock(m_mutex);
                        m_error = error;
                    }};
    }

    int frames() const
    {
        const std::lock_guard lock(m_mutex);
        return m_frames;
    }
    PlayerFrame lastFrame() const  // without its pixels
    {
        const std::lock_guard lock(m_mutex);
        return m_last;
    }
    std::vector<PictureStamps> liveStamps() const
    {
        const std::lock_guard lock(m_mutex);
        return m_liveStamps;
    }
    QString videoFormat() const
    {
        const std::lock_guard lock(m_mutex);
        return QString::fromStdString(m_statistics.videoFormat);
    }
    QString audioFormat() const
    {
        const std::lock_guard lock(m_mutex);
        return QString::fromStdString(m_statistics.audioFormat);
    }
    QString soundProblem() const
    {
        const std::lock_guard lock(m_mutex);
        return QString::fromStdString(m_statistics.soundProblem);
    }
    QString error() const
    {
        const std::lock_guard lock(m_mutex);
        return m_error ? QString::fromStdString(m_error->message) : QString();
    }

private:
    mutable std::mutex m_mutex;
    int m_frames = 0;
    PlayerFrame m_last;
    std::vector<PictureStamps> m_liveStamps;
    StreamPlayerStatistics m_statistics;
    std::optional<Error> m_error;
};

}  // namespace headgate::test
