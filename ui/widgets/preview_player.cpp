#include "ui/widgets/preview_player.h"

#include "ui/format.h"
#include "ui/shell/icon.h"
#include "ui/shell/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int barHeight = 40;

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
        const QImage& frame = m_player.frame();
        if (frame.isNull())
            return;
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        QRectF target(QPointF(0, 0), QSizeF(frame.size()).scaled(size(), Qt::KeepAspectRatio));
        target.moveCenter(QRectF(rect()).center());
        painter.drawImage(target, frame);
    }
    void keyPressEvent(QKeyEvent*) override { close(); }
    void mousePressEvent(QMouseEvent*) override { close(); }

private:
    const PreviewPlayer& m_player;
};

}  // namespace

PreviewPlayer::PreviewPlayer(const MediaServices& media, QWidget* parent) : QWidget(parent), m_media(media)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Preview"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setMinimumSize(scaled(240), scaled(135));

    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(8, 0, 8, 5);
    outer->addStretch(1);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(2);
    m_play = videoButton("pause", tr("Pause"), this);
    m_mute = videoButton("volume-off", tr("Sound on"), this);
    m_volume = new QSlider(Qt::Horizontal, this);
    m_volume->setRange(0, 100);
    m_volume->setValue(80);
    m_volume->setFixedWidth(scaled(64));
    m_volume->setAccessibleName(tr("Volume"));
    m_stats = videoButton("statistics", tr("Statistics"), this);
    m_stats->setCheckable(true);
    m_full = videoButton("fullscreen", tr("Full screen"), this);
    bar->addWidget(m_play);
    bar->addWidget(m_mute);
    bar->addWidget(m_volume);
    bar->addStretch(1);
    bar->addWidget(m_stats);
    bar->addWidget(m_full);
    outer->addLayout(bar);

    connect(m_play, &QToolButton::clicked, this, [this] { setPlaying(!m_isWanted); });
    connect(m_mute, &QToolButton::clicked, this, [this] { setMuted(!m_isMuted); });
    connect(m_volume, &QSlider::valueChanged, this, [this](int value) {
        if (m_feed != nullptr)
            m_feed->setVolume(value / 100.0);
        if (m_isMuted && value > 0)
            setMuted(false);
    });
    connect(m_stats, &QToolButton::toggled, this, [this](bool isOn) {
        m_showsStatistics = isOn;
        update();
    });
    connect(m_full, &QToolButton::clicked, this, &PreviewPlayer::toggleFullScreen);
    updateControls();
}

PreviewPlayer::~PreviewPlayer()
{
    delete m_fullScreenWindow;
}

QSize PreviewPlayer::sizeHint() const
{
    return {scaled(340), heightForWidth(scaled(340))};
}

int PreviewPlayer::heightForWidth(int width) const
{
    return width * 9 / 16;
}

void PreviewPlayer::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_volume->setVisible(width() > scaled(300));
    if (height() != heightForWidth(width()))
        setFixedHeight(heightForWidth(width()));
}

void PreviewPlayer::setUrl(const QString& url)
{
    if (url == m_url)
        return;
    stopFeed();
    m_url = url;
    m_frame = {};
    m_frameCount = 0;
    m_statistics = {};
    m_isWanted = true;
    setPhase(Phase::Idle);
    if (isVisible())
        startFeed();
    update();
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
    connect(m_feed.get(), &PreviewFeed::frameReady, this, [this](const QImage& frame) {
        m_frame = frame;
        ++m_frameCount;
        setPhase(Phase::Playing);
        update();
        if (m_fullScreenWindow != nullptr)
            m_fullScreenWindow->update();
    });
    connect(m_feed.get(), &PreviewFeed::statisticsChanged, this, [this](const PreviewStatistics& statistics) {
        m_statistics = statistics;
        update();
    });
    connect(m_feed.get(), &PreviewFeed::failed, this, [this](const Error& error) {
        m_error = error;
        setPhase(Phase::Failed);
        update();
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

void PreviewPlayer::setPhase(Phase phase)
{
    if (phase == m_phase)
        return;
    m_phase = phase;
    updateControls();
    update();
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
    case Qt::Key_F:
        toggleFullScreen();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void PreviewPlayer::mouseDoubleClickEvent(QMouseEvent*)
{
    toggleFullScreen();
}

void PreviewPlayer::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    QPainterPath frame;
    frame.addRoundedRect(rect(), 6, 6);
    painter.setClipPath(frame);
    painter.fillRect(rect(), t.videoBack);
    if (!m_frame.isNull()) {
        QRectF target(QPointF(0, 0), QSizeF(m_frame.size()).scaled(size(), Qt::KeepAspectRatio));
        target.moveCenter(QRectF(rect()).center());
        painter.drawImage(target, m_frame);
    }
    paintOverlay(painter);
    if (m_showsStatistics)
        paintStatistics(painter);
    painter.setClipping(false);
    if (hasFocus()) {
        painter.setPen(QPen(t.accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
}

void PreviewPlayer::paintOverlay(QPainter& painter) const
{
    const Tokens& t = darkTokens();
    const int bar = scaled(barHeight);
    QLinearGradient shade(0, height() - bar * 1.6, 0, height());
    shade.setColorAt(0, withOpacity(t.videoBack, 0));
    shade.setColorAt(1, withOpacity(t.videoBack, 0.85));
    painter.fillRect(QRectF(0, height() - bar * 1.6, width(), bar * 1.6), shade);

    QString middle;
    QString reason;
    switch (m_phase) {
    case Phase::Idle:
        middle = m_url.isEmpty() ? tr("No picture to show") : QString();
        break;
    case Phase::Connecting:
        middle = m_frame.isNull() ? tr("Waiting for the first picture") : QString();
        break;
    case Phase::Paused:
        middle = tr("Paused");
        break;
    case Phase::Failed:
        middle = tr("No picture");
        reason = format::text(m_error.message);
        break;
    case Phase::Playing:
        break;
    }
    painter.setPen(t.videoText);
    if (!middle.isEmpty()) {
        if (!m_frame.isNull())
            painter.fillRect(rect(), withOpacity(t.videoBack, 0.6));
        const QRectF box = QRectF(rect()).adjusted(24, 12, -24, -bar);
        painter.setFont(textFont(TextRole::SmallStrong));
        painter.setPen(t.videoText);
        const QRectF upper(box.left(), box.top(), box.width(), box.height() / 2);
        painter.drawText(reason.isEmpty() ? box : upper,
                         static_cast<int>(reason.isEmpty() ? Qt::AlignCenter : Qt::AlignHCenter | Qt::AlignBottom),
                         middle);
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(t.text2);
        painter.drawText(QRectF(box.left(), box.center().y() + 4, box.width(), box.height() / 2),
                         static_cast<int>(Qt::AlignHCenter | Qt::AlignTop) | Qt::TextWordWrap, reason);
    }
    if (m_phase != Phase::Playing)
        return;
    const int delay = m_statistics.delayBehindLiveMs;
    const QString live = delay < 0 ? tr("Live") : tr("Live, %1 behind").arg(format::milliseconds(delay));
    painter.setFont(textFont(TextRole::CaptionStrong));
    const int wide = painter.fontMetrics().horizontalAdvance(live);
    const QRectF pill(8, 8, wide + 28, scaled(22));
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(t.videoBack, 0.7));
    painter.drawRoundedRect(pill, 4, 4);
    painter.setBrush(t.onAir.text);
    painter.drawEllipse(QPointF(pill.left() + 11, pill.center().y()), 3.5, 3.5);
    painter.setPen(t.videoText);
    painter.drawText(pill.adjusted(20, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, live);
}

void PreviewPlayer::paintStatistics(QPainter& painter) const
{
    const Tokens& t = darkTokens();
    QStringList lines;
    const QString none = format::unknown();
    lines << tr("Picture  %1").arg(m_statistics.videoFormat.isEmpty() ? none : m_statistics.videoFormat)
          << tr("Sound    %1").arg(m_statistics.audioFormat.isEmpty() ? none : m_statistics.audioFormat)
          << tr("Rate     %1, %2 pictures/s")
                 .arg(format::rate(static_cast<std::int64_t>(m_statistics.bitsPerSecond)).joined(),
                      format::decimal(m_statistics.framesPerSecond))
          << tr("Behind   %1").arg(format::milliseconds(m_statistics.delayBehindLiveMs))
          << tr("Dropped  %1 of %2").arg(format::count(m_statistics.droppedFrames), format::count(m_frameCount));
    if (!m_statistics.soundProblem.isEmpty())
        lines << m_statistics.soundProblem;
    painter.setFont(textFont(TextRole::Mono));
    const qreal line = lineHeight(TextRole::Mono);
    qreal widest = 0;
    for (const QString& text : lines)
        widest = std::max<qreal>(widest, painter.fontMetrics().horizontalAdvance(text));
    QRectF box(0, 8, std::min<qreal>(widest + 20, width() - 16.0), line * static_cast<qreal>(lines.size()) + 12);
    box.moveRight(width() - 8);
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(t.videoBack, 0.8));
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(t.videoText);
    qreal y = box.top() + 6;
    for (const QString& text : lines) {
        painter.drawText(QRectF(box.left() + 10, y, box.width() - 16, line), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(box.width() - 16)));
        y += line;
    }
}

}  // namespace headgate
