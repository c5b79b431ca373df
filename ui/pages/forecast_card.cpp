#include "ui/pages/forecast_card.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/models/plan_outlook.h"
#include "ui/models/plan_words.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/plan_steps.h"

#include <QVBoxLayout>

#include <cmath>

namespace headgate {

namespace {

constexpr double secondsPerHour = 3600;

KeyValue figureRow(const QString& key, const QString& value)
{
    return {key, value, ValueStyle::Figure, {}};
}

TextLabel* note(TextTone tone)
{
    auto* label = new TextLabel({}, TextRole::Small, tone);
    label->setWordWrap(true);
    return label;
}

QString nodesOf(const RegionSize& size)
{
    QStringList parts;
    if (size.origins > 0)
        parts << ForecastCard::tr("%n origin(s)", nullptr, size.origins);
    if (size.relays > 0)
        parts << ForecastCard::tr("%n relay(s)", nullptr, size.relays);
    if (size.edges > 0)
        parts << ForecastCard::tr("%n edge(s)", nullptr, size.edges);
    return parts.isEmpty() ? ForecastCard::tr("none") : parts.join(QStringLiteral(", "));
}

QString basisWords(const SizingBasis& basis)
{
    const QString carries =
        ForecastCard::tr("%1 viewers and %2 a node")
            .arg(format::count(basis.node.viewers), format::rate(basis.node.bitsOutPerSecond).joined());
    const QString source = basis.node.source == LimitSource::Measured
                               ? ForecastCard::tr("as measured")
                               : ForecastCard::tr("as assumed of nodes that were not measured");
    return ForecastCard::tr("Counted with %1, %2, and %3 kept free.")
        .arg(carries, source, format::percent(basis.headroomPercent));
}

QString hoursWords(const NodeSeconds& spent, const PriceBook& prices)
{
    const QString hours = ForecastCard::tr("%1 node-hours")
                              .arg(format::count(std::lround(static_cast<double>(total(spent)) / secondsPerHour)));
    const std::optional<double> cost = costOf(spent, prices);
    return cost ? ForecastCard::tr("%1, %2").arg(hours, format::money(*cost, prices.currency)) : hours;
}

std::vector<KeyValue> windowRows(const DraftForecast& forecast)
{
    std::vector<KeyValue> rows;
    for (const DraftForecast::Span& span : forecast.spans) {
        rows.push_back({rows.empty() ? ForecastCard::tr("Next hours") : QString(),
                        words::window(instantOf(span.start), instantOf(span.end), format::userZone()),
                        ValueStyle::Text,
                        {}});
    }
    if (rows.empty())
        rows.push_back({ForecastCard::tr("Next hours"), ForecastCard::tr("none in 30 days"), ValueStyle::Text, {}});
    return rows;
}

}  // namespace

ForecastCard::ForecastCard(QWidget* parent)
    : Card(tr("What it needs"), parent),
      m_nothing(note(TextTone::Tertiary)),
      m_problem(new Notice),
      m_content(new QWidget),
      m_nodes(new KeyValueList),
      m_basis(note(TextTone::Secondary)),
      m_steps(new PlanSteps),
      m_windows(new KeyValueList),
      m_hours(new KeyValueList)
{
    body()->addWidget(m_nothing);
    body()->addWidget(m_problem);
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_nodes);
    column->addWidget(m_basis);
    column->addSpacing(8);
    column->addWidget(new TextLabel(tr("Planned nodes, the next 7 days"), TextRole::Section));
    column->addWidget(m_steps);
    column->addWidget(m_windows);
    column->addSpacing(8);
    column->addWidget(new TextLabel(tr("What it uses"), TextRole::Section));
    column->addWidget(m_hours);
    body()->addWidget(m_content);
    body()->addStretch();
    showNothing({});
}

void ForecastCard::showContent(bool isShown)
{
    m_content->setVisible(isShown);
    m_problem->hide();
    m_nothing->hide();
}

void ForecastCard::showNothing(const QString& why)
{
    showContent(false);
    m_nothing->setText(why);
    m_nothing->show();
}

void ForecastCard::showProblem(const Error& error)
{
    showContent(false);
    m_problem->setContent(Status::Warning, format::error(error).sentence, format::error(error).nextStep);
    m_problem->show();
}

void ForecastCard::showForecast(const DraftForecast& forecast, const DeploymentDraft& draft, const Snapshot& snapshot)
{
    showContent(true);
    std::vector<KeyValue> nodes;
    int all = 0;
    for (const RegionSize& size : forecast.sizes) {
        nodes.push_back({regionName(snapshot, size.region), nodesOf(size), ValueStyle::Figure, {}});
        all += size.origins + size.relays + size.edges;
    }
    setNote(tr("%n node(s)", nullptr, all));
    m_nodes->setRows(nodes);
    m_basis->setText(basisWords(forecast.basis));
    m_steps->setSteps(forecast.week, snapshot.takenAt, snapshot.takenAt + std::chrono::days(7));
    m_windows->setVisible(draft.window.times != RunTimes::Always);
    m_windows->setRows(windowRows(forecast));
    m_hours->setRows({figureRow(tr("Next 7 days"), hoursWords(forecast.perWeek, draft.prices)),
                      figureRow(tr("Next 30 days"), hoursWords(forecast.perMonth, draft.prices))});
}

}  // namespace headgate
