#include "ui/pages/timeline_controls.h"

#include "core/plan/plan_text.h"
#include "ui/format.h"
#include "ui/pages/timeline_legend.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::array<seconds, 5> spans = {seconds(hours(6)), seconds(hours(24)), seconds(days(7)), seconds(days(30)),
                                          seconds(days(365))};
constexpr int daySpan = 1;
constexpr double halfScreen = 0.5;

}  // namespace

TimelineControls::TimelineControls(QWidget* parent) : QWidget(parent)
{
    m_parts = new QBoxLayout(QBoxLayout::LeftToRight, this);
    m_parts->setContentsMargins(20, 0, 20, 10);
    m_parts->setSpacing(8);
    for (QHBoxLayout** part : {&m_moves, &m_zoom}) {
        *part = new QHBoxLayout;
        (*part)->setSpacing(8);
        m_parts->addLayout(*part);
    }
    buildMoves();
    buildZoom();
}

void TimelineControls::buildMoves()
{
    auto* earlier = makeIconButton(QStringLiteral("chevron-left"), tr("Earlier"));
    auto* now = makeButton(tr("Now"));
    now->setObjectName(QStringLiteral("now"));
    auto* later = makeIconButton(QStringLiteral("chevron-right"), tr("Later"));
    m_title = new TextLabel({}, TextRole::Section);
    m_goTo = new QLineEdit;
    m_goTo->setPlaceholderText(QStringLiteral("2027-06-26 20:00"));
    m_goTo->setAccessibleName(tr("Go to time"));
    m_goTo->setObjectName(QStringLiteral("goTo"));
    m_goTo->setMaximumWidth(scaled(150));
    m_goTo->hide();
    for (QWidget* widget : std::initializer_list<QWidget*>{earlier, now, later, m_title, m_goTo})
        m_moves->addWidget(widget);
    m_moves->addStretch();
    connect(earlier, &QToolButton::clicked, this, [this] { Q_EMIT moveRequested(-halfScreen); });
    connect(later, &QToolButton::clicked, this, [this] { Q_EMIT moveRequested(halfScreen); });
    connect(now, &QPushButton::clicked, this, &TimelineControls::nowRequested);
    connect(m_goTo, &QLineEdit::returnPressed, this, &TimelineControls::enterTime);
}

void TimelineControls::buildZoom()
{
    m_spans = new Segmented({tr("6 h"), tr("Day"), tr("Week"), tr("Month"), tr("Year")}, tr("Time shown"));
    m_spans->setObjectName(QStringLiteral("span"));
    m_spans->setCurrentIndex(daySpan);
    m_zoom->addStretch();
    m_zoom->addWidget(new TimelineLegend);
    m_zoom->addWidget(m_spans);
    connect(m_spans, &Segmented::currentChanged, this, [this] { Q_EMIT spanChosen(span()); });
}

void TimelineControls::setTitle(const QString& title)
{
    m_title->setText(title);
}

seconds TimelineControls::span() const
{
    return spans[static_cast<std::size_t>(std::max(0, m_spans->currentIndex()))];
}

void TimelineControls::askForTime()
{
    m_goTo->show();
    m_goTo->setFocus(Qt::ShortcutFocusReason);
    m_goTo->selectAll();
}

void TimelineControls::enterTime()
{
    QString text = m_goTo->text().trimmed().replace(QLatin1Char(' '), QLatin1Char('T'));
    if (!text.contains(QLatin1Char('T')))
        text += QStringLiteral("T12:00");
    const auto local = localTimeFromText(format::utf8(text));
    setBad(m_goTo, local ? QString() : format::errorLine(local.error()));
    if (!local)
        return;
    m_goTo->hide();
    Q_EMIT timeEntered(*local);
}

int TimelineControls::margins() const
{
    return m_parts->contentsMargins().left() + m_parts->contentsMargins().right();
}

QSize TimelineControls::minimumSizeHint() const
{
    return {std::max(m_moves->minimumSize().width(), m_zoom->minimumSize().width()) + margins(),
            QWidget::minimumSizeHint().height()};
}

void TimelineControls::resizeEvent(QResizeEvent*)
{
    const int needed = m_moves->minimumSize().width() + m_zoom->minimumSize().width() + m_parts->spacing();
    m_parts->setDirection(width() >= needed + margins() ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

}  // namespace headgate
