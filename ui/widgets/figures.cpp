#include "ui/widgets/figures.h"

#include "ui/shell/stale.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace headgate {

namespace {

qreal digitCell(const QFontMetricsF& metrics)
{
    qreal widest = 0;
    for (char digit = '0'; digit <= '9'; ++digit)
        widest = std::max(widest, metrics.horizontalAdvance(QLatin1Char(digit)));
    return widest;
}

bool isDigit(QChar c)
{
    return c >= QLatin1Char('0') && c <= QLatin1Char('9');
}

// Runs without digits are drawn whole, so that kerning and shaping of words stay.
qsizetype endOfRun(const QString& text, qsizetype from)
{
    qsizetype end = from;
    while (end < text.size() && !isDigit(text[end]))
        ++end;
    return end;
}

constexpr int unitGap = 5;

}  // namespace

qreal figuresWidth(const QString& text, const QFont& font)
{
    const QFontMetricsF metrics(font);
    const qreal cell = digitCell(metrics);
    qreal width = 0;
    for (qsizetype i = 0; i < text.size();) {
        if (isDigit(text[i])) {
            width += cell;
            ++i;
            continue;
        }
        const qsizetype end = endOfRun(text, i);
        width += metrics.horizontalAdvance(text.mid(i, end - i));
        i = end;
    }
    return width;
}

void drawFigures(QPainter& painter, const QRectF& rect, Qt::Alignment alignment, const QString& text)
{
    const QFontMetricsF metrics(painter.font(), painter.device());
    const qreal cell = digitCell(metrics);
    const qreal width = figuresWidth(text, painter.font());
    qreal x = rect.left();
    if (alignment.testFlag(Qt::AlignRight))
        x = rect.right() - width;
    else if (alignment.testFlag(Qt::AlignHCenter))
        x = rect.center().x() - width / 2;
    qreal baseline = rect.top() + (rect.height() - metrics.height()) / 2 + metrics.ascent();
    if (alignment.testFlag(Qt::AlignTop))
        baseline = rect.top() + metrics.ascent();
    else if (alignment.testFlag(Qt::AlignBottom))
        baseline = rect.bottom() - metrics.descent();
    for (qsizetype i = 0; i < text.size();) {
        if (isDigit(text[i])) {
            const qreal advance = metrics.horizontalAdvance(text[i]);
            painter.drawText(QPointF(x + (cell - advance) / 2, baseline), QString(text[i]));
            x += cell;
            ++i;
            continue;
        }
        const qsizetype end = endOfRun(text, i);
        const QString run = text.mid(i, end - i);
        painter.drawText(QPointF(x, baseline), run);
        x += metrics.horizontalAdvance(run);
        i = end;
    }
}

FigureLabel::FigureLabel(TextRole role, QWidget* parent) : QWidget(parent), m_role(role)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void FigureLabel::setFigure(const format::Figure& figure)
{
    if (figure == m_figure)
        return;
    m_figure = figure;
    setAccessibleName(figure.joined());
    updateGeometry();
    update();
}

void FigureLabel::setAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment;
    update();
}

QSize FigureLabel::sizeHint() const
{
    qreal width = figuresWidth(m_figure.value, textFont(m_role));
    if (!m_figure.unit.isEmpty())
        width += unitGap + QFontMetricsF(textFont(TextRole::Small)).horizontalAdvance(m_figure.unit);
    return {qRound(width + 1), lineHeight(m_role)};
}

QSize FigureLabel::minimumSizeHint() const
{
    return sizeHint();
}

void FigureLabel::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = tokensOf(this);
    QPainter painter(this);
    const qreal whole = sizeHint().width() - 1;
    qreal x = 0;
    if (m_alignment.testFlag(Qt::AlignRight))
        x = width() - whole;
    else if (m_alignment.testFlag(Qt::AlignHCenter))
        x = (width() - whole) / 2;
    painter.setFont(textFont(m_role));
    painter.setPen(showsStale(this) ? tokens.text2 : tokens.text1);
    const QRectF box(x, 0, whole, height());
    drawFigures(painter, box, Qt::AlignLeft | Qt::AlignVCenter, m_figure.value);
    if (m_figure.unit.isEmpty())
        return;
    const qreal valueWidth = figuresWidth(m_figure.value, painter.font());
    const QFontMetricsF large(painter.font());
    const qreal baseline = (height() - large.height()) / 2 + large.ascent();
    painter.setFont(textFont(TextRole::Small));
    painter.setPen(tokens.text3);
    painter.drawText(QPointF(x + valueWidth + unitGap, baseline), m_figure.unit);
}

}  // namespace headgate
