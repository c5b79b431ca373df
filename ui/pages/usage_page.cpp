#include "ui/pages/usage_page.h"

#include "ui/format.h"
#include "ui/models/usage_table.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/state_view.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>
#include <utility>

namespace headgate {

namespace {

constexpr int monthsBack = 13;
constexpr int chartHeight = 220;
constexpr int invoiceWidth = 372;
constexpr int mostSeries = 7;
constexpr std::chrono::minutes readAgainAfter{1};

PageIdentity identityOfPage()
{
    return {QStringLiteral("usage"), UsagePage::tr("Usage"), UsagePage::tr("What did it take, and what does it cost?"),
            QStringLiteral("clock"), QLatin1Char('U'),       RailSection::Observe};
}

QString monthWords(std::chrono::year_month month)
{
    const QLocale english(QLocale::English);
    return QStringLiteral("%1 %2").arg(english.monthName(static_cast<int>(static_cast<unsigned>(month.month()))),
                                       QString::number(static_cast<int>(month.year())));
}

std::vector<ChartPoint> pointsOf(const std::map<UsageDay, double>& days, UsageDay from, UsageDay to)
{
    std::vector<ChartPoint> points;
    for (UsageDay day = from; day <= to; day += std::chrono::days(1)) {
        const auto found = days.find(day);
        points.push_back({TimePoint(day), found == days.end() ? 0.0 : found->second});
    }
    return points;
}

TextLabel* rightLabel(const QString& text, TextRole role, TextTone tone)
{
    auto* label = new TextLabel(text, role, tone);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return label;
}

}  // namespace

UsagePage::UsagePage(PageContext& context, QWidget* parent)
    : Page(identityOfPage(), parent),
      m_context(context),
      m_month(new QComboBox),
      m_hours(new MetricChart(tr("Node hours per day"), ChartUnit::Count)),
      m_delivered(new MetricChart(tr("GB delivered per day"), ChartUnit::Count)),
      m_table(new TablePane(rows::usageColumns(), RowHeight::OneLine,
                            {tr("Filter by day, deployment, role"), tr("Filter usage"), tr("Usage by day"),
                             tr("No usage matches “%1”"), tr("No usage passes the filter")}))
{
    m_month->setObjectName(QStringLiteral("month"));
    m_month->setAccessibleName(tr("Month"));
    m_month->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    actions()->addWidget(m_month);
    auto* csvFile = makeButton(tr("CSV..."), ButtonKind::Normal, QStringLiteral("download"));
    auto* pdfFile = makeButton(tr("PDF..."), ButtonKind::Normal, QStringLiteral("download"));
    csvFile->setObjectName(QStringLiteral("csv"));
    pdfFile->setObjectName(QStringLiteral("pdf"));
    csvFile->setAccessibleName(tr("Save the invoice as CSV"));
    pdfFile->setAccessibleName(tr("Save the invoice as PDF"));
    for (QPushButton* button : {csvFile, pdfFile}) {
        actions()->addWidget(button);
        needsData(button);
    }
    auto* charts = new QHBoxLayout;
    charts->setContentsMargins(20, 0, 20, 12);
    charts->setSpacing(12);
    for (MetricChart* chart : {m_hours, m_delivered}) {
        chart->setFixedHeight(scaled(chartHeight));
        chart->setMaxStep(std::chrono::hours(25));
        charts->addWidget(chart, 1);
    }
    content()->addLayout(charts);
    auto* below = new QHBoxLayout;
    below->setContentsMargins(0, 0, 20, 16);
    below->setSpacing(12);
    m_table->filterBar().addChoice(QStringLiteral("deployment"), tr("Any deployment"));
    m_table->filterBar().addChoice(QStringLiteral("role"), tr("Any role"));
    below->addWidget(m_table, 1);
    buildInvoice();
    below->addWidget(m_card);
    content()->addLayout(below, 1);
    connect(m_month, &QComboBox::activated, this, &UsagePage::read);
    connect(csvFile, &QPushButton::clicked, this, [this] { save(QStringLiteral("csv"), [this] { return csv(); }); });
    connect(pdfFile, &QPushButton::clicked, this, [this] { save(QStringLiteral("pdf"), [this] { return pdf(); }); });
}

void UsagePage::buildInvoice()
{
    m_card = new Card(tr("Invoice"));
    m_card->setFixedWidth(scaled(invoiceWidth));
    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("surface"));
    inner->setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    m_lines = new QGridLayout;
    m_lines->setHorizontalSpacing(12);
    m_lines->setVerticalSpacing(6);
    m_lines->setColumnStretch(0, 1);
    column->addLayout(m_lines);
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inner);
    m_card->body()->addWidget(scroll, 1);
    m_card->body()->addWidget(makeSeparator());
    auto* price = new QHBoxLayout;
    m_perGigabyte = new QDoubleSpinBox;
    m_perGigabyte->setObjectName(QStringLiteral("perGigabyte"));
    m_perGigabyte->setAccessibleName(tr("Price of a gigabyte delivered"));
    m_perGigabyte->findChild<QLineEdit*>()->setAccessibleName(m_perGigabyte->accessibleName());
    m_perGigabyte->setDecimals(4);
    m_perGigabyte->setRange(0, 1e6);
    m_perGigabyte->setSingleStep(0.01);
    m_perGigabyte->setValue(m_context.settings.pricePerGigabyte());
    price->addWidget(new TextLabel(tr("Price of a GB delivered"), TextRole::Small, TextTone::Secondary), 1);
    price->addWidget(m_perGigabyte);
    m_card->body()->addLayout(price);
    auto* hourly = makeLink(tr("Prices of node hours belong to the deployments"));
    m_card->body()->addWidget(hourly, 0, Qt::AlignLeft);
    m_counted = new TextLabel({}, TextRole::Caption, TextTone::Tertiary);
    m_counted->setWordWrap(true);
    m_card->body()->addWidget(m_counted);
    connect(hourly, &QPushButton::clicked, this, [this] { Q_EMIT goToRequested(QStringLiteral("deployments"), {}); });
    connect(m_perGigabyte, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        m_context.settings.setPricePerGigabyte(value);
        if (const SnapshotPtr snapshot = present())
            onSnapshot(*snapshot);
    });
}

void UsagePage::onControlPlaneChanged()
{
    m_isRead = false;
    m_isReading = false;
    m_report = {};
    ++m_question;
}

// The newest month first. The choice stays where it is.
void UsagePage::offerMonths(UsageDay today)
{
    if (today == m_today)
        return;
    m_today = today;
    const QVariant chosen = m_month->currentData();
    m_month->clear();
    const std::chrono::year_month_day date(today);
    for (int back = 0; back < monthsBack; ++back) {
        const std::chrono::year_month month = date.year() / date.month() - std::chrono::months(back);
        m_month->addItem(monthWords(month), format::text(dayText(UsageDay(month / 1))));
    }
    m_month->setCurrentIndex(std::max(0, m_month->findData(chosen)));
}

UsageQuery UsagePage::period() const
{
    const UsageDay first = dayFromText(format::utf8(m_month->currentData().toString())).value_or(m_today);
    const std::chrono::year_month_day date(first);
    return {first, UsageDay(date.year() / date.month() / std::chrono::last)};
}

void UsagePage::onSnapshot(const Snapshot& snapshot)
{
    offerMonths(std::chrono::floor<std::chrono::days>(snapshot.takenAt));
    auto prices = rows::pricesOf(snapshot, m_perGigabyte->value());
    const bool isPriceNew = !std::ranges::equal(prices, m_prices, [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.book == b.second.book && a.second.perGigabyte == b.second.perGigabyte;
    });
    m_prices = std::move(prices);
    const bool isOld = snapshot.takenAt > m_readAt + readAgainAfter || snapshot.takenAt < m_readAt;
    if ((!m_isRead || isOld) && !m_isReading) {
        m_readAt = snapshot.takenAt;
        read();
    } else if (m_isRead && isPriceNew) {
        showInvoice();
    }
}

void UsagePage::refresh()
{
    Page::refresh();
    read();
}

void UsagePage::focusFilter()
{
    m_table->filterBar().focusField();
}

void UsagePage::read()
{
    if (!controlPlane())
        return;
    m_isReading = true;
    const quint64 question = ++m_question;
    const UsageQuery wanted = period();
    const QPointer<UsagePage> self(this);
    controlPlane()->readUsage(wanted, [self, question, wanted](Result<UsageReport> answer) {
        if (!self || question != self->m_question)
            return;
        self->m_period = wanted;
        self->take(std::move(answer));
    });
}

void UsagePage::take(Result<UsageReport> answer)
{
    m_isReading = false;
    if (!answer) {
        showError(answer.error(), {{tr("Try again"), [this] { read(); }, QStringLiteral("refresh")}});
        return;
    }
    m_isRead = true;
    m_report = std::move(*answer);
    if (m_report.rows.empty() && m_month->currentIndex() == 0) {
        showEmpty(QStringLiteral("clock"), tr("Nothing was used this month"),
                  tr("As soon as nodes run, their hours and what they deliver are counted here, day by day."),
                  {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
        return;
    }
    showNormal();
    m_table->setNone(QStringLiteral("clock"), tr("Nothing was used in that month"));
    m_table->setRows(rows::usage(m_report));
    QStringList deployments, roles;
    for (const UsageRow& row : m_report.rows) {
        deployments << rows::deploymentOf(row.deployment);
        roles << format::text(row.role);
    }
    deployments.removeDuplicates();
    roles.removeDuplicates();
    m_table->filterBar().setChoiceValues(QStringLiteral("deployment"), deployments);
    m_table->filterBar().setChoiceValues(QStringLiteral("role"), roles);
    showCharts();
    showInvoice();
}

void UsagePage::showCharts()
{
    const UsageDay last = std::min(m_period.to, std::max(m_period.from, m_today));
    std::vector<ChartSeries> hours, delivered;
    for (const auto& [deployment, days] : rows::usageByDeployment(m_report)) {
        const int colour = static_cast<int>(hours.size()) % (mostSeries + 1);
        const QString name = rows::deploymentOf(deployment);
        hours.push_back({name, colour, pointsOf(days.hours, m_period.from, last), false});
        delivered.push_back({name, colour, pointsOf(days.gigabytes, m_period.from, last), false});
    }
    for (MetricChart* chart : {m_hours, m_delivered})
        chart->setRange(TimePoint(m_period.from), TimePoint(m_period.to));
    m_hours->setSeries(std::move(hours));
    m_delivered->setSeries(std::move(delivered));
}

void UsagePage::showInvoice()
{
    m_invoice = makeInvoice(m_report, m_period, m_prices);
    while (QLayoutItem* item = m_lines->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    std::string deployment = "\n";
    for (const InvoiceLine& line : m_invoice.lines) {
        if (line.deployment != deployment) {
            deployment = line.deployment;
            m_lines->addWidget(new TextLabel(rows::deploymentOf(deployment), TextRole::Section), row++, 0, 1, 3);
        }
        const bool isTime = line.item == InvoiceItem::NodeTime;
        const QString quantity =
            isTime ? tr("%1 h").arg(rows::hours(line.quantity)) : tr("%1 GB").arg(rows::gigabytes(line.quantity));
        const QString cost = line.currency.empty() ? tr("no price") : rows::amount(line.cents, line.currency);
        m_lines->addWidget(new ElidedLabel(rows::itemWords(line), TextRole::Small, TextTone::Secondary), row, 0);
        m_lines->addWidget(rightLabel(quantity, TextRole::Small, TextTone::Secondary), row, 1);
        m_lines->addWidget(
            rightLabel(cost, TextRole::Small, line.currency.empty() ? TextTone::Tertiary : TextTone::Primary), row++,
            2);
    }
    for (const auto& [currency, cents] : m_invoice.cents) {
        m_lines->addWidget(new TextLabel(tr("Total"), TextRole::BodyStrong), row, 0);
        m_lines->addWidget(rightLabel(rows::amount(cents, currency), TextRole::BodyStrong, TextTone::Primary), row++, 1,
                           1, 2);
    }
    m_card->setNote(m_month->currentText());
    m_counted->setText(m_report.countedUntil == TimePoint()
                           ? QString()
                           : tr("Counted until %1. Half a cent is rounded up; the total is the sum of the lines.")
                                 .arg(format::clock(m_report.countedUntil)));
}

QByteArray UsagePage::csv() const
{
    return QByteArray::fromStdString(invoiceCsv(m_invoice));
}

QByteArray UsagePage::pdf() const
{
    const SnapshotPtr snapshot = present();
    return rows::invoicePdf(m_invoice, snapshot ? format::text(snapshot->deploymentName) : QString());
}

void UsagePage::save(const QString& suffix, const std::function<QByteArray()>& make)
{
    const QString month = format::text(dayText(m_period.from)).left(7);
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Save the invoice"), QStringLiteral("usage-%1.%2").arg(month, suffix),
                                     QStringLiteral("*.%1").arg(suffix));
    if (path.isEmpty())
        return;
    const QByteArray bytes = make();
    QSaveFile file(path);
    const bool isSaved = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
    m_context.toast(
        {isSaved ? tr("Written to %1").arg(path) : tr("%1 could not be written: %2").arg(path, file.errorString()),
         nullptr});
}

std::vector<PaletteAction> UsagePage::paletteActions() const
{
    return {{tr("Show usage and invoice"),
             tr("node hours, gigabytes, cost"),
             QStringLiteral("clock"),
             {},
             [] {
                 return native::ShellLines{"headgatectl usage --invoice", {}, {}};
             },
             [self = const_cast<UsagePage*>(this)] { Q_EMIT self->goToRequested(QStringLiteral("usage"), {}); },
             {}}};
}

}  // namespace headgate
