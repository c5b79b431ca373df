#include "ui/pages/audience_form.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int heights[] = {360, 480, 720, 1080, 1440, 2160};
constexpr int mostPublishers = 100'000;
constexpr int mostViewers = 100'000'000;
constexpr int mostFrames = 240;
constexpr int mostKilobits = 100'000;
constexpr int mostHeadroom = 400;
constexpr double mostPrice = 1000;

TextLabel* heading(const QString& text)
{
    return new TextLabel(text, TextRole::SmallStrong, TextTone::Secondary);
}

QWidget* surface()
{
    auto* widget = new QWidget;
    widget->setObjectName(QStringLiteral("surface"));
    widget->setAttribute(Qt::WA_StyledBackground);
    return widget;
}

}  // namespace

AudienceForm::AudienceForm(DeploymentDraft& draft) : WizardForm(draft)
{
    QWidget* inner = surface();
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 8, 0);
    column->setSpacing(4);
    m_rowsWidget = new QWidget;
    column->addWidget(m_rowsWidget);
    m_slots.addMessage(column, "/demand", nullptr);
    m_copy = makeLink(tr("Same picture everywhere as in the first region"));
    m_copy->setObjectName(QStringLiteral("copyFirst"));
    column->addWidget(m_copy);
    column->addSpacing(12);
    m_headroom = makeSpinBox(0, mostHeadroom, 25, tr("Headroom"));
    m_headroom->setObjectName(QStringLiteral("headroom"));
    m_headroom->setSuffix(QStringLiteral(" %"));
    m_headroom->setMaximumWidth(scaled(110));
    column->addWidget(heading(tr("Headroom on top of what is expected")));
    column->addWidget(m_headroom);
    column->addSpacing(12);
    buildPrices(column);
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inner);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    connect(m_copy, &QPushButton::clicked, this, &AudienceForm::copyFirst);
    connect(m_headroom, &QSpinBox::valueChanged, this, [this](int value) {
        m_draft.headroomPercent = value;
        Q_EMIT edited();
    });
}

void AudienceForm::buildPrices(QVBoxLayout* column)
{
    column->addWidget(heading(tr("Price of a node per hour, and of a GB to viewers (0: no cost is shown)")));
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    m_currency = new QComboBox;
    m_currency->setObjectName(QStringLiteral("currency"));
    m_currency->setEditable(true);
    m_currency->addItems({QStringLiteral("EUR"), QStringLiteral("USD"), QStringLiteral("GBP"), QStringLiteral("JPY")});
    m_currency->setMaximumWidth(scaled(100));
    const auto addTo = [row](const QString& label, QWidget* field) {
        auto* cell = new QVBoxLayout;
        cell->setSpacing(4);
        cell->addWidget(new TextLabel(label, TextRole::Caption, TextTone::Secondary));
        cell->addWidget(field);
        row->addLayout(cell);
        field->setAccessibleName(label);
        if (auto* inner = field->findChild<QLineEdit*>())
            inner->setAccessibleName(label);
    };
    addTo(tr("Currency"), m_currency);
    const std::pair<const char*, QString> roles[] = {
        {"origin", tr("Origin")}, {"relay", tr("Relay")}, {"edge", tr("Edge")}};
    const auto addPrice = [this, addTo](const char* name, const QString& label) {
        auto* price = new QDoubleSpinBox;
        price->setObjectName(QStringLiteral("price-%1").arg(QLatin1String(name)));
        price->setDecimals(4);
        price->setRange(0, mostPrice);
        price->setSingleStep(0.01);
        price->setMaximumWidth(scaled(120));
        addTo(label, price);
        connect(price, &QDoubleSpinBox::valueChanged, this, &AudienceForm::storePrices);
        return price;
    };
    for (const auto& [role, label] : roles)
        m_prices[role] = addPrice(role, label);
    m_perGigabyte = addPrice("gigabyte", tr("GB to viewers"));
    row->addStretch();
    column->addLayout(row);
    m_slots.addMessage(column, "/prices", m_currency);
    connect(m_currency, &QComboBox::currentTextChanged, this, &AudienceForm::storePrices);
}

void AudienceForm::load(const Snapshot& snapshot)
{
    m_isLoading = true;
    m_rows.clear();
    m_slots.drop("/demand/");
    delete m_rowsWidget->layout();
    const auto old = m_rowsWidget->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
    qDeleteAll(old);
    m_grid = new QGridLayout(m_rowsWidget);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(8);
    const QString titles[] = {tr("Region"),  tr("Publishers"), tr("Viewers"),
                              tr("Picture"), tr("Frames/s"),   tr("kbit/s")};
    int column = 0;
    for (const QString& title : titles)
        m_grid->addWidget(heading(title), 0, column++);
    m_grid->setColumnStretch(0, 1);
    for (std::size_t i = 0; i < m_draft.demand.size(); ++i)
        addRow(snapshot, static_cast<int>(i) + 1, i);
    m_copy->setVisible(m_draft.demand.size() > 1);
    m_headroom->setValue(m_draft.headroomPercent);
    loadPrices();
    m_isLoading = false;
}

void AudienceForm::addRow(const Snapshot& snapshot, int line, std::size_t index)
{
    const RegionDemand& demand = m_draft.demand[index];
    const QString region = regionName(snapshot, demand.region);
    const std::string pointer = "/demand/" + std::to_string(index);
    Row row;
    row.publishers = makeSpinBox(0, mostPublishers, demand.publishers, tr("Publishers in %1").arg(region));
    row.viewers = makeSpinBox(0, mostViewers, demand.viewers, tr("Viewers in %1").arg(region));
    row.viewers->setSingleStep(100);
    row.picture = new QComboBox;
    row.picture->setAccessibleName(tr("Picture in %1").arg(region));
    for (const int height : heights)
        row.picture->addItem(QStringLiteral("%1p").arg(height), height);
    if (row.picture->findData(demand.height) < 0)
        row.picture->addItem(QStringLiteral("%1p").arg(demand.height), demand.height);
    row.picture->setCurrentIndex(row.picture->findData(demand.height));
    row.frames = makeSpinBox(1, mostFrames, demand.framesPerSecond, tr("Frames a second in %1").arg(region));
    row.kilobits = makeSpinBox(1, mostKilobits, demand.kilobits, tr("Bitrate in %1, kbit/s").arg(region));
    row.kilobits->setSingleStep(100);
    m_grid->addWidget(new ElidedLabel(region, TextRole::BodyStrong), line, 0);
    int column = 1;
    for (QSpinBox* box : {row.publishers, row.viewers}) {
        box->setGroupSeparatorShown(true);
        m_grid->addWidget(box, line, column++);
    }
    row.publishers->setFixedWidth(scaled(78));
    row.viewers->setFixedWidth(scaled(104));
    row.picture->setFixedWidth(scaled(78));
    row.frames->setFixedWidth(scaled(60));
    row.kilobits->setFixedWidth(scaled(82));
    m_grid->addWidget(row.picture, line, column++);
    m_grid->addWidget(row.frames, line, column++);
    m_grid->addWidget(row.kilobits, line, column);
    m_slots.addSharing(pointer, row.viewers, "/demand");
    m_slots.addSharing(pointer + "/publishers", row.publishers, "/demand");
    const auto bind = [this, index](QSpinBox* box, int RegionDemand::*member) {
        connect(box, &QSpinBox::valueChanged, this, [this, index, member](int value) {
            m_draft.demand[index].*member = value;
            Q_EMIT edited();
        });
    };
    bind(row.publishers, &RegionDemand::publishers);
    bind(row.viewers, &RegionDemand::viewers);
    bind(row.kilobits, &RegionDemand::kilobits);
    connect(row.picture, &QComboBox::currentIndexChanged, this, [this, index] { suggestBitrate(index); });
    connect(row.frames, &QSpinBox::valueChanged, this, [this, index] { suggestBitrate(index); });
    m_rows.push_back(row);
}

// Another picture comes with its usual bitrate, which can then be changed.
void AudienceForm::suggestBitrate(std::size_t index)
{
    if (m_isLoading)
        return;
    RegionDemand& demand = m_draft.demand[index];
    demand.height = m_rows[index].picture->currentData().toInt();
    demand.framesPerSecond = m_rows[index].frames->value();
    demand.kilobits = std::clamp(usualKilobits(demand.height, demand.framesPerSecond), 1, mostKilobits);
    const QSignalBlocker quiet(m_rows[index].kilobits);
    m_rows[index].kilobits->setValue(demand.kilobits);
    Q_EMIT edited();
}

void AudienceForm::copyFirst()
{
    m_isLoading = true;
    const RegionDemand first = m_draft.demand.front();
    for (std::size_t i = 1; i < m_draft.demand.size(); ++i) {
        RegionDemand& demand = m_draft.demand[i];
        demand.height = first.height;
        demand.framesPerSecond = first.framesPerSecond;
        demand.kilobits = first.kilobits;
        m_rows[i].picture->setCurrentIndex(m_rows[i].picture->findData(first.height));
        m_rows[i].frames->setValue(first.framesPerSecond);
        m_rows[i].kilobits->setValue(first.kilobits);
    }
    m_isLoading = false;
    Q_EMIT edited();
}

void AudienceForm::loadPrices()
{
    if (!m_draft.prices.currency.empty())
        m_currency->setCurrentText(format::text(m_draft.prices.currency));
    for (const auto& [role, field] : m_prices) {
        const auto price = m_draft.prices.hourly.find(role);
        field->setValue(price == m_draft.prices.hourly.end() ? 0 : price->second);
    }
    m_perGigabyte->setValue(m_draft.prices.perGigabyte);
}

void AudienceForm::storePrices()
{
    if (m_isLoading)
        return;
    m_draft.prices = {};
    for (const auto& [role, field] : m_prices)
        if (field->value() > 0)
            m_draft.prices.hourly[role] = field->value();
    m_draft.prices.perGigabyte = m_perGigabyte->value();
    if (!m_draft.prices.hourly.empty() || m_draft.prices.perGigabyte > 0)
        m_draft.prices.currency = format::utf8(m_currency->currentText().trimmed().toUpper());
    Q_EMIT edited();
}

}  // namespace headgate
