#pragma once

#include "core/domain/latency_history.h"
#include "ui/shell/media_services.h"

#include <QImage>
#include <QWidget>

#include <memory>

class QSlider;
class QToolButton;

namespace headgate {

class PreviewPicture;
class PreviewStatisticsPanel;

// Plays one live stream, or a recording of one: picture, sound (muted at first), volume, full screen, and below the
// picture, on demand, the statistics. Does not decode while it is hidden or paused. Keys: Space plays and pauses, M
// mutes, Up and Down change the volume, I shows the statistics, Ctrl+C copies them, F is full screen.
class PreviewPlayer : public QWidget
{
    Q_OBJECT

public:
    enum class Phase
    {
        Idle,
        Connecting,
        Playing,
        Paused,
        Failed  // goes on trying by itself
    };

    PreviewPlayer(const MediaServices& media, QWidget* parent = nullptr);
    ~PreviewPlayer() override;

    enum class Content
    {
        Live,
        Recording
    };

    // Empty: nothing to play. The same address again does nothing.
    void setUrl(const QString& url, Content content = Content::Live);
    QString url() const { return m_url; }
    void setPlaying(bool playing);
    Phase phase() const { return m_phase; }
    const QImage& frame() const;
    qint64 frameCount() const { return m_frameCount; }
    void setStatisticsShown(bool shown);

    // From drawing a stamped picture to having painted it here, by the live pictures of this address.
    const LatencyHistory& glassToGlass() const { return m_glassToGlass; }

Q_SIGNALS:
    void phaseChanged();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildControls();
    void connectControls();
    void startFeed();
    void stopFeed();
    void showFrame(const QImage& frame, const PictureStamps& stamps);
    void measure();
    void report();
    void setPhase(Phase phase);
    void setMuted(bool muted);
    void toggleFullScreen();
    void updateControls();
    void updateWords();
    QString badge() const;

    const MediaServices& m_media;
    std::unique_ptr<PreviewFeed> m_feed;
    QString m_url;
    Content m_content = Content::Live;
    Phase m_phase = Phase::Idle;
    bool m_isWanted = true;
    bool m_isMuted = true;
    qint64 m_frameCount = 0;
    PictureStamps m_stamps;  // of the picture that is shown
    LatencyHistory m_glassToGlass;
    LatencyHistory m_toDecoder;
    PreviewStatistics m_statistics;
    Error m_error;
    PreviewPicture* m_picture = nullptr;
    PreviewStatisticsPanel* m_panel = nullptr;
    QToolButton* m_play = nullptr;
    QToolButton* m_mute = nullptr;
    QSlider* m_volume = nullptr;
    QToolButton* m_stats = nullptr;
    QToolButton* m_full = nullptr;
    QWidget* m_fullScreenWindow = nullptr;
};

}  // namespace headgate
