#include "ui/pages/events_card.h"

#include "ui/format.h"
#include "ui/frame/page.h"
#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QAbstractButton>
#include <QEvent>
#include <QPainter>
#include <QPushButton>
#include <QTextLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int mostLinesOfSentence = 2;
constexpr int paddingPx = 5;
constexpr int glyphPx = 14;
constexpr int timePx = 62;
constexpr int edgePx = 4;

// The lines of `text` in `width`; the last one that is shown is elided.
QStringList linesOf(const QString& text, const QFont& font, qreal width)
{
    QStringList lines;
    QTextLayout layout(text, font);
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        if (lines.size() + 1 == mostLinesOfSentence) {
            lines << QFontMetrics(font).elidedText(text.mid(line.textStart()), Qt::ElideRight, static_cast<int>(width));
            break;
        }
        lines << text.mid(line.textStart(), line.textLength()).trimmed();
    }
    layout.endLayout();
    return lines;
}

}  // namespace

// Glyph, time, sentence on up to two lines; a button, so that keyboard and screen reader reach it.
class EventLine : public QAbstractButton
{
public:
    explicit EventLine(QWidget* parent = nullptr) : QAbstractButton(parent)
    {
        setCursor(Qt::PointingHandCursor);
        QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
        policy.setHeightForWidth(true);
        setSizePolicy(policy);
    }

    void setRecord(const AuditRecord& record)
    {
        if (record == m_record)
            return;
        m_record = record;
        const format::StatusWord severity = format::severity(record.severity);
        const QString sentence = format::text(record.sentence);
        setAccessibleName(QStringLiteral("%1, %2, %3").arg(severity.word, format::clockSeconds(record.at), sentence));
        setToolTip(sentence);
        updateGeometry();
        update();
    }

    QString key() const { return QString::number(m_record.sequence); }
    QSize sizeHint() const override { return {scaled(300), heightForWidth(scaled(300))}; }
    QSize minimumSizeHint() const override { return {scaled(160), heightOf(1)}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return heightOf(sentenceLines(width).size()); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Tokens& tokens = tokensOf(this);
        const bool isStale = showsStale(this);
        if (hasFocus() || underMouse()) {
            painter.setPen(hasFocus() ? QPen(tokens.accent, 2) : QPen(Qt::NoPen));
            painter.setBrush(tokens.hover);
            painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
        }
        const Status status = isStale ? Status::Off : format::severity(m_record.severity).status;
        const int line = lineHeight(TextRole::Small);
        const QRectF first(0, paddingPx, width(), line);
        paintGlyph(painter, QRectF(edgePx, first.center().y() - glyphPx / 2.0, glyphPx, glyphPx), status, tokens);
        painter.setFont(textFont(TextRole::Small));
        painter.setPen(tokens.text3);
        drawFigures(painter, QRectF(timeLeft, first.top(), scaled(timePx), line), Qt::AlignLeft | Qt::AlignVCenter,
                    format::timeOnly(m_record.at));
        painter.setPen(isStale ? tokens.text2 : tokens.text1);
        const QRectF sentence(timeLeft + scaled(timePx), first.top(), sentenceWidth(width()), line);
        const QStringList lines = sentenceLines(width());
        for (qsizetype i = 0; i < lines.size(); ++i)
            painter.drawText(sentence.translated(0, static_cast<qreal>(i) * line), Qt::AlignLeft | Qt::AlignVCenter,
                             lines[i]);
    }

    void changeEvent(QEvent* event) override
    {
        QAbstractButton::changeEvent(event);
        if (event->type() == QEvent::FontChange)
            updateGeometry();
    }

private:
    static constexpr int timeLeft = edgePx + glyphPx + 8;

    static int heightOf(qsizetype lines)
    {
        return static_cast<int>(std::max<qsizetype>(lines, 1)) * lineHeight(TextRole::Small) + 2 * paddingPx;
    }
    static int sentenceWidth(int width) { return std::max(40, width - timeLeft - scaled(timePx) - edgePx); }
    QStringList sentenceLines(int width) const
    {
        return linesOf(format::text(m_record.sentence), textFont(TextRole::Small), sentenceWidth(width));
    }

    AuditRecord m_record;
};

EventsCard::EventsCard(QWidget* parent)
    : Card(tr("Recent events"), parent),
      m_nothing(new ElidedLabel(tr("Nothing has happened yet"), TextRole::Small, TextTone::Tertiary))
{
    auto* all = makeLink(tr("All in Audit"));
    addHeaderWidget(all);
    connect(all, &QPushButton::clicked, this, &EventsCard::allRequested);
    body()->setSpacing(0);
    body()->addWidget(m_nothing);
    for (EventLine*& line : m_lines) {
        line = new EventLine;
        line->hide();
        body()->addWidget(line);
        EventLine* clicked = line;
        connect(clicked, &QAbstractButton::clicked, this, [this, clicked] { Q_EMIT recordActivated(clicked->key()); });
    }
    body()->addStretch();
}

void EventsCard::setRecords(const std::vector<AuditRecord>& newestFirst)
{
    m_nothing->setVisible(newestFirst.empty());
    if (!newestFirst.empty())
        setNote(format::zoneName(newestFirst.front().at));
    m_known = std::min(newestFirst.size(), m_lines.size());
    for (std::size_t i = 0; i < m_known; ++i)
        m_lines[i]->setRecord(newestFirst[i]);
    showLines();
}

void EventsCard::setMostLines(std::size_t count)
{
    m_shownLines = count;
    showLines();
}

void EventsCard::showLines()
{
    for (std::size_t i = 0; i < m_lines.size(); ++i)
        m_lines[i]->setVisible(i < std::min(m_known, m_shownLines));
}

}  // namespace headgate
