#include "ui/widgets/preview_statistics_panel.h"

#include "ui/format.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/sparkline.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headgate {

namespace {

constexpr int thanksMs = 1500;

QString orUnknown(const QString& text)
{
    return text.isEmpty() ? format::unknown() : text;
}

// Why there are no figures; empty if there are.
QString reasonFor(LatencyState state)
{
    switch (state) {
    case LatencyState::Unknown:
        return PreviewStatisticsPanel::tr("Waiting for the first live picture.");
    case LatencyState::NoStamp:
        return PreviewStatisticsPanel::tr("No stamp in this stream. A test stream tells when its pictures were drawn.");
    case LatencyState::ClocksDiffer:
        return PreviewStatisticsPanel::tr(
            "Clocks differ: by this machine's clock the pictures were drawn in the future, or over a minute ago.");
    case LatencyState::Measured:
        return {};
    }
    return {};
}

std::vector<float> curve(const LatencyHistory& history)
{
    std::vector<float> values;
    for (const auto& median : history.secondBySecond())
        values.push_back(median ? static_cast<float>(median->count()) : std::numeric_limits<float>::quiet_NaN());
    return values;
}

QString latencyLine(const QString& name, const LatencyHistory& history)
{
    if (const QString reason = reasonFor(history.state()); !reason.isEmpty())
        return PreviewStatisticsPanel::tr("%1: %2").arg(name, reason);
    const LatencyFigures figures = history.figures();
    const auto ms = [](Duration latency) { return format::milliseconds(latency.count()); };
    return PreviewStatisticsPanel::tr("%1: now %2, min %3, median %4, p95 %5, max %6 of %7 pictures in 5 min")
        .arg(name, ms(figures.now), ms(figures.least), ms(figures.median), ms(figures.p95), ms(figures.most),
             format::count(static_cast<std::int64_t>(figures.pictures)));
}

}  // namespace

PreviewStatisticsPanel::PreviewStatisticsPanel(QWidget* parent)
    : QWidget(parent),
      m_facts(new KeyValueList),
      m_chart(new Sparkline),
      m_scale(new TextLabel({}, TextRole::Caption, TextTone::Tertiary)),
      m_noLatency(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_copy(makeButton(tr("Copy statistics"), ButtonKind::Ghost, QStringLiteral("copy")))
{
    m_noLatency->setWordWrap(true);
    m_noLatency->setObjectName(QStringLiteral("noLatency"));
    m_copy->setObjectName(QStringLiteral("copyStatistics"));
    m_copy->setToolTip(tr("Copy statistics (Ctrl+C on the preview)"));
    connect(m_copy, &QPushButton::clicked, this, &PreviewStatisticsPanel::copy);
    m_latency = buildLatency();

    auto* head = new QHBoxLayout;
    head->addWidget(new TextLabel(tr("Statistics"), TextRole::Section));
    head->addStretch(1);
    head->addWidget(m_copy);
    auto* latency = new QHBoxLayout;
    latency->addWidget(new TextLabel(tr("Latency"), TextRole::Section));
    latency->addStretch(1);
    latency->addWidget(new TextLabel(tr("last 5 min, in ms"), TextRole::Caption, TextTone::Tertiary));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(6);
    column->addLayout(head);
    column->addWidget(m_facts);
    column->addSpacing(6);
    column->addLayout(latency);
    column->addWidget(m_noLatency);
    column->addWidget(m_latency);
}

QWidget* PreviewStatisticsPanel::buildLatency()
{
    auto* box = new QWidget;
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(5);
    grid->setColumnStretch(0, 1);
    for (int i = 1; i <= FigureCount; ++i)
        grid->setColumnMinimumWidth(i, scaled(44));
    const std::array<QString, FigureCount> names{tr("Now"), tr("Min"), tr("Median"), tr("p95"), tr("Max")};
    const auto addRow = [&](int row, const QString& name, LatencyRow& figures) {
        grid->addWidget(new TextLabel(name, TextRole::Small, TextTone::Secondary), row, 0);
        for (int i = 0; i < FigureCount; ++i) {
            const auto index = static_cast<std::size_t>(i);
            figures[index] = new FigureLabel(TextRole::SmallStrong);
            figures[index]->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
            figures[index]->setAccessibleName(tr("%1, %2").arg(name, names[index]));
            grid->addWidget(figures[index], row, i + 1);
        }
    };
    for (int i = 0; i < FigureCount; ++i) {
        auto* name = new TextLabel(names[static_cast<std::size_t>(i)], TextRole::Caption, TextTone::Tertiary);
        grid->addWidget(name, 0, i + 1, Qt::AlignRight);
    }
    addRow(1, tr("Glass to glass"), m_glassToGlass);
    addRow(2, tr("To the decoder"), m_toDecoder);
    m_chart->setAccessibleName(tr("Glass to glass over the last 5 min"));
    m_chart->setFixedHeight(scaled(44));
    grid->addWidget(m_chart, 3, 0, 1, FigureCount + 1);
    auto* axis = new QHBoxLayout;
    axis->addWidget(new TextLabel(tr("5 min ago"), TextRole::Caption, TextTone::Tertiary));
    axis->addStretch(1);
    axis->addWidget(m_scale);
    axis->addStretch(1);
    axis->addWidget(new TextLabel(tr("now"), TextRole::Caption, TextTone::Tertiary));
    grid->addLayout(axis, 4, 0, 1, FigureCount + 1);
    return box;
}

void PreviewStatisticsPanel::showFigures(const LatencyRow& row, const LatencyHistory& history)
{
    const LatencyFigures figures = history.figures();
    const bool isKnown = history.state() == LatencyState::Measured && figures.pictures > 0;
    const std::array<Duration, FigureCount> values{figures.now, figures.least, figures.median, figures.p95,
                                                   figures.most};
    for (std::size_t i = 0; i < values.size(); ++i)
        row[i]->setText(isKnown ? format::count(values[i].count()) : format::unknown());
}

void PreviewStatisticsPanel::showLatency(const PlayerReport& report)
{
    const QString reason = reasonFor(report.glassToGlass.state());
    const bool hasFigures = reason.isEmpty() || report.toDecoder.state() == LatencyState::Measured;
    m_noLatency->setText(reason);
    m_noLatency->setVisible(!reason.isEmpty());
    m_latency->setVisible(hasFigures);
    showFigures(m_glassToGlass, report.glassToGlass);
    showFigures(m_toDecoder, report.toDecoder);
    std::vector<float> values = curve(report.glassToGlass);
    float highest = 0;
    for (const float value : values)
        highest = std::max(highest, std::isnan(value) ? 0 : value);
    m_scale->setText(tr("glass to glass, median of each second, 0 to %1").arg(format::count(std::lround(highest))));
    m_chart->setValues(std::move(values));
}

void PreviewStatisticsPanel::setReport(const PlayerReport& report)
{
    const PreviewStatistics& now = report.statistics;
    std::vector<KeyValue> facts{
        {tr("Picture"), orUnknown(now.videoFormat), ValueStyle::Text, {}},
        {tr("Sound"), orUnknown(now.audioFormat), ValueStyle::Text, {}},
        {tr("Rate"),
         tr("%1, %2 pictures/s")
             .arg(format::rate(static_cast<std::int64_t>(now.bitsPerSecond)).joined(),
                  format::framesPerSecond(now.framesPerSecond)),
         ValueStyle::Figure,
         {}},
        {tr("Behind live"), format::milliseconds(now.delayBehindLiveMs), ValueStyle::Figure, {}},
        {tr("Buffer"), format::milliseconds(now.bufferedMs), ValueStyle::Figure, {}},
        {tr("Dropped"),
         tr("%1 of %2").arg(format::count(now.droppedFrames), format::count(report.shownFrames + now.droppedFrames)),
         ValueStyle::Figure,
         {}}};
    if (!now.soundProblem.isEmpty())
        facts.insert(facts.begin() + 2, {tr("No sound"), now.soundProblem, ValueStyle::Text, {}});
    m_facts->setRows(facts);
    showLatency(report);

    m_text.clear();
    for (const KeyValue& fact : facts)
        m_text << tr("%1: %2").arg(fact.key, fact.value);
    m_text << latencyLine(tr("Glass to glass"), report.glassToGlass)
           << latencyLine(tr("To the decoder"), report.toDecoder);
}

void PreviewStatisticsPanel::copy()
{
    QGuiApplication::clipboard()->setText(text());
    m_copy->setText(tr("Copied"));
    QTimer::singleShot(thanksMs, m_copy, [this] { m_copy->setText(tr("Copy statistics")); });
}

}  // namespace headgate
