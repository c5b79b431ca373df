#include "ui/widgets/preview_picture.h"

#include "ui/shell/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <QResizeEvent>

#include <utility>

namespace headgate {

void paintFrame(QPainter& painter, const QRectF& target, const QImage& frame)
{
    if (frame.isNull())
        return;
    QRectF place(QPointF(0, 0), QSizeF(frame.size()).scaled(target.size(), Qt::KeepAspectRatio));
    place.moveCenter(target.center());
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(place, frame);
}

PreviewPicture::PreviewPicture(QWidget* parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Preview picture"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setMinimumSize(scaled(240), scaled(135));
}

void PreviewPicture::setFrame(const QImage& frame)
{
    m_frame = frame;
    m_isNew = !frame.isNull();
    update();
}

void PreviewPicture::setWords(const PictureWords& words)
{
    if (words == m_words)
        return;
    m_words = words;
    setAccessibleDescription(QStringList{words.badge, words.title, words.reason}.join(' ').simplified());
    update();
}

QSize PreviewPicture::sizeHint() const
{
    return {scaled(340), heightForWidth(scaled(340))};
}

void PreviewPicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (height() != heightForWidth(width()))
        setFixedHeight(heightForWidth(width()));
}

void PreviewPicture::mouseDoubleClickEvent(QMouseEvent*)
{
    Q_EMIT doubleClicked();
}

void PreviewPicture::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QPainterPath outline;
        outline.addRoundedRect(rect(), 6, 6);
        painter.setClipPath(outline);
        painter.fillRect(rect(), t.videoBack);
        paintFrame(painter, rect(), m_frame);
        const double bar = scaled(barHeight) * 1.6;
        QLinearGradient shade(0, height() - bar, 0, height());
        shade.setColorAt(0, withOpacity(t.videoBack, 0));
        shade.setColorAt(1, withOpacity(t.videoBack, 0.85));
        painter.fillRect(QRectF(0, height() - bar, width(), bar), shade);
        paintMiddle(painter);
        paintBadge(painter);
        painter.setClipping(false);
        if (hasFocus()) {
            painter.setPen(QPen(t.accent, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
        }
    }
    if (std::exchange(m_isNew, false))
        Q_EMIT frameShown();
}

void PreviewPicture::paintMiddle(QPainter& painter) const
{
    if (m_words.title.isEmpty())
        return;
    const Tokens& t = darkTokens();  // on the picture, whatever the theme
    if (!m_frame.isNull())
        painter.fillRect(rect(), withOpacity(t.videoBack, 0.6));
    const QRectF box = QRectF(rect()).adjusted(24, 12, -24, -scaled(barHeight));
    const bool isAlone = m_words.reason.isEmpty();
    painter.setFont(textFont(TextRole::SmallStrong));
    painter.setPen(t.videoText);
    painter.drawText(isAlone ? box : QRectF(box.left(), box.top(), box.width(), box.height() / 2),
                     static_cast<int>(isAlone ? Qt::AlignCenter : Qt::AlignHCenter | Qt::AlignBottom), m_words.title);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(t.text2);
    painter.drawText(QRectF(box.left(), box.center().y() + 4, box.width(), box.height() / 2),
                     static_cast<int>(Qt::AlignHCenter | Qt::AlignTop) | Qt::TextWordWrap, m_words.reason);
}

void PreviewPicture::paintBadge(QPainter& painter) const
{
    if (m_words.badge.isEmpty())
        return;
    const Tokens& t = darkTokens();
    painter.setFont(textFont(TextRole::CaptionStrong));
    const int wide = painter.fontMetrics().horizontalAdvance(m_words.badge);
    const QRectF pill(8, 8, wide + 28, scaled(22));
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(t.videoBack, 0.7));
    painter.drawRoundedRect(pill, 4, 4);
    painter.setBrush(t.onAir.text);
    painter.drawEllipse(QPointF(pill.left() + 11, pill.center().y()), 3.5, 3.5);
    painter.setPen(t.videoText);
    painter.drawText(pill.adjusted(20, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, m_words.badge);
}

}  // namespace headgate
