#include "ui/pages/events_card.h"

#include "ui/format.h"
#include "ui/frame/page.h"
#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QAbstractButton>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int linePx = 26;
constexpr int glyphPx = 14;
constexpr int timePx = 62;

}  // namespace

// Glyph, time, sentence; a button, so that keyboard and screen reader reach it.
class EventLine : public QAbstractButton
{
public:
    explicit EventLine(QWidget* parent = nullptr) : QAbstractButton(parent)
    {
        setCursor(Qt::PointingHandCursor);
        setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
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
        update();
    }

    QString key() const { return QString::number(m_record.sequence); }
    QSize sizeHint() const override { return {scaled(300), scaled(linePx)}; }
    QSize minimumSizeHint() const override { return {scaled(160), scaled(linePx)}; }

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
        paintGlyph(painter, QRectF(4, (height() - glyphPx) / 2.0, glyphPx, glyphPx), status, tokens);
        painter.setFont(textFont(TextRole::Small));
        painter.setPen(tokens.text3);
        const int timeLeft = 4 + glyphPx + 8;
        drawFigures(painter, QRectF(timeLeft, 0, scaled(timePx), height()), Qt::AlignLeft | Qt::AlignVCenter,
                    format::timeOnly(m_record.at));
        painter.setPen(isStale ? tokens.text2 : tokens.text1);
        const QRectF sentence(timeLeft + scaled(timePx), 0, width() - timeLeft - scaled(timePx) - 4, height());
        painter.drawText(sentence, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(format::text(m_record.sentence), Qt::ElideRight,
                                                          static_cast<int>(sentence.width())));
    }

private:
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
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        m_lines[i]->setVisible(i < newestFirst.size());
        if (i < newestFirst.size())
            m_lines[i]->setRecord(newestFirst[i]);
    }
}

}  // namespace headgate
