#pragma once

#include "core/domain/metrics.h"
#include "core/plane/zone_files.h"
#include "tests/support/fake_control_plane.h"
#include "tests/support/sample_jobs.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/sample_usage.h"
#include "ui/english_plurals.h"
#include "ui/frame/page.h"
#include "ui/models/local_history.h"
#include "ui/models/test_streams.h"
#include "ui/pages/pages.h"
#include "ui/shell/settings.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <cmath>
#include <map>
#include <memory>
#include <vector>

namespace headgate::test {

// A preview that shows one still picture as soon as it is started.
class StillFeed : public PreviewFeed
{
public:
    void start(const QString& url) override
    {
        played.push_back(url);
        QImage picture(320, 180, QImage::Format_RGB32);
        picture.fill(Qt::darkGreen);
        Q_EMIT frameReady(picture);
        PreviewStatistics statistics;
        statistics.videoFormat = "1280x720 H.264";
        statistics.audioFormat = "AAC 48 kHz stereo";
        statistics.framesPerSecond = 30;
        statistics.bitsPerSecond = 2'500'000;
        statistics.delayBehindLiveMs = 900;
        Q_EMIT statisticsChanged(statistics);
    }
    void stop() override {}
    void setMuted(bool) override {}
    void setVolume(double) override {}

    static inline std::vector<QString> played;
};

// A test publication that is on air at once.
class QuietPublication : public TestPublication
{
public:
    explicit QuietPublication(const QString& url) { published.push_back(url); }
    ~QuietPublication() override { ++ended; }

    static inline std::vector<QString> published;
    static inline int ended = 0;
};

// A measurement that the test brings to its end.
class HeldMeasurement : public NodeMeasurement
{
public:
    HeldMeasurement() { present = this; }
    ~HeldMeasurement() override { present = nullptr; }

    static inline HeldMeasurement* present = nullptr;
};

inline MediaServices quietMedia()
{
    MediaServices media;
    media.makePreview = [] { return std::make_unique<StillFeed>(); };
    media.publishTest = [](const QString& url) { return std::make_unique<QuietPublication>(url); };
    media.measureNode = [] { return std::make_unique<HeldMeasurement>(); };
    media.ffmpegVersion = "FFmpeg 5.1.9";
    return media;
}

// Everything a page needs, with a control plane that the test holds.
class PageStage
{
public:
    PageStage()
        : settings(directory.filePath("settings.ini")),
          media(quietMedia()),
          context{settings,
                  media,
                  [this](ToastMessage message) { toasts.push_back(std::move(message)); },
                  "http://127.0.0.1:5080",
                  "operator",
                  loadZoneFile},
          testStreams(media)
    {
        QCoreApplication::installTranslator(&plurals);
        StillFeed::played.clear();
        QuietPublication::published.clear();
        QuietPublication::ended = 0;
        testStreams.setControlPlane(&plane);
        RouteTarget edge;
        edge.node = NodeId("bEdgeFra01");
        edge.endpoints.address = "127.77.0.2";
        plane.targets = std::vector<RouteTarget>{edge};
        plane.audit = std::vector<AuditRecord>{};
    }

    // The history of the last quarter of an hour, with some life in it.
    void giveHistory(const Snapshot& snapshot)
    {
        std::map<MetricKey, MetricSeries> all;
        for (int second = 900; second > 0; second -= 3) {
            const double swing = 0.75 + 0.2 * std::sin(second / 90.0) + 0.05 * std::sin(second / 7.0);
            for (auto [key, sample] : samplesOf(snapshot)) {
                sample.at = snapshot.takenAt - std::chrono::seconds(second);
                sample.viewers = static_cast<int>(sample.viewers * swing);
                sample.bitsOutPerSecond =
                    static_cast<std::int64_t>(static_cast<double>(sample.bitsOutPerSecond) * swing);
                sample.bitsInPerSecond = static_cast<std::int64_t>(static_cast<double>(sample.bitsInPerSecond) * swing);
                sample.cpuPercent *= swing;
                all[key].key = key;
                all[key].samples.push_back(sample);
            }
        }
        histories.clear();
        for (auto& [key, series] : all)
            histories.push_back(series);
        plane.metrics = histories;
    }

    // Provisions and recordings, if there are groups to have some.
    void giveMedia(const Snapshot& snapshot)
    {
        if (snapshot.nodeGroups.empty())
            return;
        plane.provisions = sampleProvisions(snapshot.takenAt);
        plane.recordings = RecordingPage{sampleRecordings(snapshot.takenAt), {}};
    }

    void put(Page& page, SnapshotPtr snapshot)
    {
        plane.audit = snapshot->recentAudit;
        plane.usage = sampleUsage(*snapshot);
        giveMedia(*snapshot);
        plane.desk.users = sampleUsers(snapshot->takenAt);
        plane.desk.tokens = sampleTokens(snapshot->takenAt);
        plane.desk.profile = plane.desk.users->front();
        page.setControlPlane(&plane);
        plane.show(std::move(snapshot));
    }

    EnglishPlurals plurals;
    QTemporaryDir directory;
    Settings settings;
    MediaServices media;
    std::vector<ToastMessage> toasts;
    FakeControlPlane plane;
    PageContext context;
    TestStreams testStreams;
    std::vector<MetricSeries> histories;
};

}  // namespace headgate::test
