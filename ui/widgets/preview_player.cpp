#include "ui/widgets/preview_player.h"

#include "ui/format.h"
#include "ui/shell/icon.h"
#include "ui/shell/theme.h"
#include "ui/widgets/preview_picture.h"
#include "ui/widgets/preview_statistics_panel.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

// Icons on the picture are always light, whatever the theme.
QIcon videoIcon(const QString& name)
{
    const QColor& colour = darkTokens().videoText;
    QIcon result(icon(name, colour, 16));
    result.addPixmap(icon(name, colour, 16, 2));
    return result;
}

QToolButton* videoButton(const QString& iconName, const QString& name, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setIcon(videoIcon(iconName));
    button->setIconSize({16, 16});
    button->setAccessibleName(name);
    button->setToolTip(name);
    button->setAutoRaise(true);
    button->setProperty("onVideo", true);
    return button;
}

// Shows the player's picture over the whole screen; any key or click ends it.
class FullScreenPicture : public QWidget
{
public:
    explicit FullScreenPicture(const PreviewPlayer& player) : QWidget(nullptr), m_player(player)
    {
        setAttribute(Qt::WA_DeleteOnClose);
        setAccessibleName(PreviewPlayer::tr("Preview, full screen"));
        setWindowTitle(PreviewPlayer::tr("Headgate preview"));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), darkTokens().videoBack);
        paintFrame(painter, rect(), m_player.frame());
    }
    void keyPressEvent(QKeyEvent*) override { close(); }
    void mousePressEvent(QMouseEvent*) override { close(); }

private:
    const PreviewPlayer& m_player;
};

}  // namespace

PreviewPlayer::PreviewPlayer(const MediaServices& media, QWidget* parent)
    : QWidget(parent), m_media(media), m_picture(new PreviewPicture), m_panel(new PreviewStatisticsPanel)
{
    setFocusProxy(m_picture);
    setAccessibleName(tr("Preview"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_picture);
    column->addWidget(m_panel);
    m_panel->hide();
    buildControls();
    connectControls();
    updateControls();
    updateWords();
}

void PreviewPlayer::buildControls()
{
    auto* outer = new QVBoxLayout(m_picture);
    outer->setContentsMargins(8, 0, 8, 5);
    outer->addStretch(1);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(2);
    m_play = videoButton("pause", tr("Pause"), m_picture);
    m_mute = videoButton("volume-off", tr("Sound on"), m_picture);
    m_volume = new QSlider(Qt::Horizontal, m_picture);
    m_volume->setRange(0, 100);
    m_volume->setValue(80);
    m_volume->setFixedWidth(scaled(64));
    m_volume->setAccessibleName(tr("Volume"));
    m_stats = videoButton("statistics", tr("Statistics"), m_picture);
    m_stats->setCheckable(true);
    m_full = videoButton("fullscreen", tr("Full screen"), m_picture);
    bar->addWidget(m_play);
    bar->addWidget(m_mute);
    bar->addWidget(m_volume);
    bar->addStretch(1);
    bar->addWidget(m_stats);
    bar->addWidget(m_full);
    outer->addLayout(bar);
}

void PreviewPlayer::connectControls()
{
    connect(m_picture, &PreviewPicture::frameShown, this, &PreviewPlayer::measure);
    connect(m_picture, &PreviewPicture::doubleClicked, this, &PreviewPlayer::toggleFullScreen);
    connect(m_play, &QToolButton::clicked, this, [this] { setPlaying(!m_isWanted); });
    connect(m_mute, &QToolButton::clicked, this, [this] { setMuted(!m_isMuted); });
    connect(m_volume, &QSlider::valueChanged, this, [this](int value) {
        if (m_feed != nullptr)
            m_feed->setVolume(value / 100.0);
        if (m_isMuted && value > 0)
            setMuted(false);
    });
    connect(m_stats, &QToolButton::toggled, this, [this](bool isOn) {
        report();
        m_panel->setVisible(isOn);
    });
    connect(m_full, &QToolButton::clicked, this, &PreviewPlayer::toggleFullScreen);
}

PreviewPlayer::~PreviewPlayer()
{
    delete m_fullScreenWindow;
}

const QImage& PreviewPlayer::frame() const
{
    return m_picture->frame();
}

void PreviewPlayer::setStatisticsShown(bool shown)
{
    m_stats->setChecked(shown);
}

void PreviewPlayer::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_volume->setVisible(width() > scaled(300));
}

void PreviewPlayer::setUrl(const QString& url, Content content)
{
    if (url == m_url)
        return;
    stopFeed();
    m_url = url;
    m_content = content;
    m_picture->setFrame({});
    m_frameCount = 0;
    m_glassToGlass = {};
    m_toDecoder = {};
    m_statistics = {};
    m_isWanted = true;
    setPhase(Phase::Idle);
    if (isVisible())
        startFeed();
    report();
}

void PreviewPlayer::setPlaying(bool playing)
{
    if (playing == m_isWanted)
        return;
    m_isWanted = playing;
    if (playing && isVisible()) {
        startFeed();
    } else {
        stopFeed();
        setPhase(m_url.isEmpty() ? Phase::Idle : Phase::Paused);
    }
    updateControls();
}

void PreviewPlayer::startFeed()
{
    if (m_url.isEmpty() || !m_isWanted || m_feed != nullptr)
        return;
    if (!m_media.makePreview) {
        m_error = Error{ErrorCode::Unsupported, "This build has no preview.", {}, {}};
        setPhase(Phase::Failed);
        return;
    }
    m_feed = m_media.makePreview();
    connect(m_feed.get(), &PreviewFeed::frameReady, this, &PreviewPlayer::showFrame);
    connect(m_feed.get(), &PreviewFeed::statisticsChanged, this, [this](const PreviewStatistics& statistics) {
        m_statistics = statistics;
        report();
    });
    connect(m_feed.get(), &PreviewFeed::failed, this, [this](const Error& error) {
        m_error = error;
        setPhase(Phase::Failed);
        updateWords();
    });
    setPhase(Phase::Connecting);
    m_feed->setMuted(m_isMuted);
    m_feed->setVolume(m_volume->value() / 100.0);
    m_feed->start(m_url);
}

void PreviewPlayer::stopFeed()
{
    if (m_feed == nullptr)
        return;
    m_feed->stop();
    m_feed.reset();
}

void PreviewPlayer::showFrame(const QImage& frame, const PictureStamps& stamps)
{
    m_stamps = stamps;
    m_picture->setFrame(frame);
    ++m_frameCount;
    setPhase(Phase::Playing);
    if (m_fullScreenWindow != nullptr)
        m_fullScreenWindow->update();
}

// The picture has just been painted.
void PreviewPlayer::measure()
{
    if (!m_stamps.isLive)
        return;
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    m_glassToGlass.add(now, m_stamps.drawnAt ? std::optional(now - *m_stamps.drawnAt) : std::nullopt);
    m_toDecoder.add(now, m_stamps.transport);
}

void PreviewPlayer::report()
{
    m_panel->setReport({m_statistics, m_frameCount, m_glassToGlass, m_toDecoder});
    updateWords();
}

void PreviewPlayer::setPhase(Phase phase)
{
    if (phase == m_phase)
        return;
    m_phase = phase;
    updateControls();
    updateWords();
    Q_EMIT phaseChanged();
}

void PreviewPlayer::setMuted(bool muted)
{
    m_isMuted = muted;
    if (m_feed != nullptr)
        m_feed->setMuted(muted);
    updateControls();
}

void PreviewPlayer::updateControls()
{
    const auto show = [](QToolButton* button, const QString& iconName, const QString& name) {
        button->setIcon(videoIcon(iconName));
        button->setAccessibleName(name);
        button->setToolTip(name);
    };
    show(m_play, m_isWanted ? "pause" : "play", m_isWanted ? tr("Pause") : tr("Play"));
    show(m_mute, m_isMuted ? "volume-off" : "volume", m_isMuted ? tr("Sound on") : tr("Mute"));
    const bool hasStream = !m_url.isEmpty();
    for (QWidget* control :
         {static_cast<QWidget*>(m_play), static_cast<QWidget*>(m_mute), static_cast<QWidget*>(m_volume),
          static_cast<QWidget*>(m_stats), static_cast<QWidget*>(m_full)})
        control->setEnabled(hasStream);
}

void PreviewPlayer::toggleFullScreen()
{
    if (m_fullScreenWindow != nullptr) {
        m_fullScreenWindow->close();
        return;
    }
    m_fullScreenWindow = new FullScreenPicture(*this);
    connect(m_fullScreenWindow, &QObject::destroyed, this, [this] { m_fullScreenWindow = nullptr; });
    m_fullScreenWindow->showFullScreen();
}

void PreviewPlayer::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    startFeed();
}

void PreviewPlayer::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    stopFeed();
    if (m_phase != Phase::Paused)
        setPhase(Phase::Idle);
}

void PreviewPlayer::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Space:
        setPlaying(!m_isWanted);
        return;
    case Qt::Key_M:
        setMuted(!m_isMuted);
        return;
    case Qt::Key_Up:
    case Qt::Key_Down:
        m_volume->setValue(m_volume->value() + (event->key() == Qt::Key_Up ? 5 : -5));
        return;
    case Qt::Key_I:
        m_stats->toggle();
        return;
    case Qt::Key_C:
        if (event->modifiers() != Qt::ControlModifier)
            break;
        report();
        m_panel->copy();
        return;
    case Qt::Key_F:
        toggleFullScreen();
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

// What the picture says about itself: the whole way if it is known, else how far the player is behind.
QString PreviewPlayer::badge() const
{
    if (m_phase != Phase::Playing)
        return {};
    if (m_content == Content::Recording)
        return tr("Recording");
    if (m_glassToGlass.state() == LatencyState::Measured)
        return tr("Live, %1 glass to glass").arg(format::milliseconds(m_glassToGlass.figures().now.count()));
    const int delay = m_statistics.delayBehindLiveMs;
    return delay < 0 ? tr("Live") : tr("Live, %1 behind").arg(format::milliseconds(delay));
}

void PreviewPlayer::updateWords()
{
    PictureWords words;
    words.badge = badge();
    switch (m_phase) {
    case Phase::Idle:
        words.title = m_url.isEmpty() ? tr("No picture to show") : QString();
        break;
    case Phase::Connecting:
        words.title = frame().isNull() ? tr("Waiting for the first picture") : QString();
        break;
    case Phase::Paused:
        words.title = tr("Paused");
        break;
    case Phase::Failed:
        words.title = tr("No picture");
        words.reason = format::text(m_error.message);
        break;
    case Phase::Playing:
        break;
    }
    m_picture->setWords(words);
}

}  // namespace headgate
