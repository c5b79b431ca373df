#include "ui/pages/forecast_view.h"

#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr std::size_t mostShownChanges = 8;

QString times(Instant start, Instant end, const AxisZone& zone)
{
    const QString whole = words::window(start, end, zone.zone);
    return whole.mid(words::shortDay(start, zone.zone).size() + 1);
}

QString poolName(const PoolChange& change)
{
    const PlanCell& cell = change.difference.cell;
    return QStringLiteral("%1, %2").arg(format::text(cell.subgroup), format::text(cell.role));
}

QString asText(const QString& title, const std::vector<KeyValue>& rows)
{
    QString text = title + QLatin1Char('\n');
    for (const KeyValue& row : rows)
        text +=
            QStringLiteral("%1\t%2\n").arg(row.key, QString(row.value).replace(QLatin1Char('\n'), QLatin1String("; ")));
    return text;
}

std::vector<KeyValue> changeRowsOf(const PlanForecast& forecast, const AxisZone& zone)
{
    std::vector<KeyValue> rows;
    for (const PoolChange& change : forecast.changes) {
        if (rows.size() == mostShownChanges) {
            rows.push_back({ForecastView::tr("and later"),
                            ForecastView::tr("%n more change(s)", nullptr,
                                             static_cast<int>(forecast.changes.size() - mostShownChanges)),
                            ValueStyle::Text,
                            {}});
            break;
        }
        const PlanDifference& each = change.difference;
        rows.push_back({poolName(change),
                        words::change(each.before, each.after) + QLatin1Char('\n') +
                            words::window(each.start, each.end, zone.zone),
                        ValueStyle::Text,
                        {}});
    }
    return rows;
}

}  // namespace

std::vector<KeyValue> windowRows(const std::vector<ItemWindow>& windows, const AxisZone& event, const AxisZone& mine)
{
    std::vector<KeyValue> rows;
    for (const ItemWindow& window : windows) {
        QString value = times(window.start, window.end, event);
        const QString day = words::shortDay(window.start, event.zone);
        QString second;
        if (mine.zone != event.zone)
            second = words::shortDay(window.start, mine.zone) == day
                         ? times(window.start, window.end, mine)
                         : words::window(window.start, window.end, mine.zone);
        if (window.isExcluded)
            value = ForecastView::tr("%1, left out").arg(value);
        else if (!second.isEmpty())
            value += QLatin1Char('\n') + second;
        const auto status = window.isExcluded ? std::optional(Status::Off) : std::nullopt;
        rows.push_back({day, value, ValueStyle::Text, status});
    }
    return rows;
}

ForecastView::ForecastView(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    auto* head = new QHBoxLayout;
    head->addWidget(new TextLabel(tr("If applied"), TextRole::Heading));
    head->addStretch();
    m_copy = new CopyButton(tr("Copy the preview"));
    head->addWidget(m_copy);
    column->addLayout(head);
    m_conflicts = new QVBoxLayout;
    m_conflicts->setSpacing(6);
    column->addLayout(m_conflicts);
    m_changesTitle = new TextLabel(tr("What changes against now"), TextRole::Section);
    m_noChange = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_changes = new KeyValueList;
    m_windowsTitle = new TextLabel(tr("Next windows"), TextRole::Section);
    m_windows = new KeyValueList;
    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_changesTitle, m_noChange, m_changes, m_windowsTitle, m_windows})
        column->addWidget(widget);
    showNothing();
}

void ForecastView::showNothing()
{
    hide();
    m_text.clear();
}

void ForecastView::showForecast(const PlanForecast& forecast, const AxisZone& event, const AxisZone& mine)
{
    const std::vector<KeyValue> changes = changeRowsOf(forecast, event);
    const std::vector<KeyValue> windows = windowRows(forecast.windows, event, mine);
    m_changes->setRows(changes);
    m_changes->setVisible(!changes.empty());
    m_noChange->setText(tr("Nothing in the next %1 days.").arg(forecast.lookedAhead.count()));
    m_noChange->setVisible(changes.empty());
    m_windows->setRows(windows);
    m_windows->setVisible(!windows.empty());
    m_windowsTitle->setText(windows.empty() ? tr("It has no window any more") : tr("Next windows"));
    m_text = asText(m_changesTitle->text(), changes) + QLatin1Char('\n') + asText(m_windowsTitle->text(), windows);
    showConflicts(forecast, event);
    m_copy->setCopied(m_text);
    show();
}

void ForecastView::showConflicts(const PlanForecast& forecast, const AxisZone& event)
{
    while (QLayoutItem* item = m_conflicts->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    QStringList shown;
    for (const PlanConflict& each : forecast.conflicts) {
        const QString sentence = format::text(each.sentence);
        if (shown.contains(sentence))
            continue;
        shown << sentence;
        auto* notice = new Notice;
        notice->setContent(Status::Warning, sentence,
                           words::window(each.conflict.start, each.conflict.end, event.zone));
        notice->setProperty("conflict", format::text(std::string(toWord(each.conflict.code))));
        m_conflicts->addWidget(notice);
    }
    if (!shown.isEmpty())
        m_text += QLatin1Char('\n') + shown.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

}  // namespace headgate
