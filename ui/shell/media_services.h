#pragma once

#include "core/base/result.h"
#include "core/domain/latency_history.h"
#include "ui/shell/node_measurement.h"

#include <QImage>
#include <QObject>
#include <QString>

#include <functional>
#include <memory>

namespace headgate {

struct PreviewStatistics
{
    QString videoFormat;  // "1280x720 H.264"
    QString audioFormat;  // "AAC 48 kHz stereo"
    double framesPerSecond = 0;
    double bitsPerSecond = 0;
    int delayBehindLiveMs = -1;  // -1 = unknown
    int bufferedMs = 0;          // decoded and waiting to be shown
    int droppedFrames = 0;
    QString soundProblem;  // why there is no sound although the stream has some; empty if all is well
};

// Plays one live stream. Muted at first. Signals come on the owner's thread.
class PreviewFeed : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    virtual void start(const QString& url) = 0;  // http://.../live/name.flv or rtmp://...
    virtual void stop() = 0;
    virtual void setMuted(bool muted) = 0;
    virtual void setVolume(double volume) = 0;  // 0 to 1

Q_SIGNALS:
    // `stamps` are what the picture tells about its way.
    void frameReady(const QImage& frame, const headgate::PictureStamps& stamps = {});
    void statisticsChanged(const headgate::PreviewStatistics& statistics);
    void failed(const headgate::Error& error);  // it goes on trying until stop()
};

// Publishes the built-in test picture (moving, with a clock and stamps of time) and tone until destroyed.
class TestPublication : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

Q_SIGNALS:
    void started();
    void failed(const headgate::Error& error);
};

// What the pages need of the media library, handed in by the program so that ui links none of it.
struct MediaServices
{
    std::function<std::unique_ptr<PreviewFeed>()> makePreview;
    std::function<std::unique_ptr<TestPublication>(const QString& rtmpUrl)> publishTest;
    QString ffmpegVersion;  // "FFmpeg 5.1.9"
    std::function<std::unique_ptr<NodeMeasurement>()> measureNode{};
};

}  // namespace headgate
