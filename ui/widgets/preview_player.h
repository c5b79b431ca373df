#pragma once

#include "ui/shell/media_services.h"

#include <QImage>
#include <QWidget>

#include <memory>

class QSlider;
class QToolButton;

namespace headgate {

class StatusPill;

// Plays one live stream: picture, sound (muted at first), volume, full screen, statistics. Does not decode while it is
// hidden or paused.
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

    // Empty: nothing to play. The same address again does nothing.
    void setUrl(const QString& url);
    QString url() const { return m_url; }
    void setPlaying(bool playing);
    Phase phase() const { return m_phase; }
    const QImage& frame() const { return m_frame; }
    qint64 frameCount() const { return m_frameCount; }
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

Q_SIGNALS:
    void phaseChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;

private:
    void startFeed();
    void stopFeed();
    void setPhase(Phase phase);
    void setMuted(bool muted);
    void toggleFullScreen();
    void updateControls();
    void paintOverlay(QPainter& painter) const;
    void paintStatistics(QPainter& painter) const;

    const MediaServices& m_media;
    std::unique_ptr<PreviewFeed> m_feed;
    QString m_url;
    Phase m_phase = Phase::Idle;
    bool m_isWanted = true;
    bool m_isMuted = true;
    bool m_showsStatistics = false;
    QImage m_frame;
    qint64 m_frameCount = 0;
    PreviewStatistics m_statistics;
    Error m_error;
    QToolButton* m_play = nullptr;
    QToolButton* m_mute = nullptr;
    QSlider* m_volume = nullptr;
    QToolButton* m_stats = nullptr;
    QToolButton* m_full = nullptr;
    QWidget* m_fullScreenWindow = nullptr;
};

}  // namespace headgate
