#include "ui/pages/wizard_steps.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/region_map.h"
#include "ui/widgets/segmented.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateEdit>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QTimeEdit>
#include <QTimeZone>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int fieldWidth = 420;
constexpr int listColumns = 3;
constexpr int mapShare = 44;  // height of the map, % of its width

TextLabel* note(const QString& text)
{
    auto* label = new TextLabel(text, TextRole::Small, TextTone::Secondary);
    label->setWordWrap(true);
    return label;
}

QVBoxLayout* makeColumn(QWidget* widget)
{
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    return column;
}

RegionDemand demandOf(const DeploymentDraft& draft, const std::string& region)
{
    RegionDemand demand;
    if (!draft.demand.empty())
        demand = draft.demand.front();  // pictures are mostly the same everywhere
    demand.region = region;
    demand.publishers = draft.demand.empty() ? 1 : 0;
    demand.viewers = 1000;
    return demand;
}

QDate dateOf(LocalDay day)
{
    return QDate(1970, 1, 1).addDays(day.time_since_epoch().count());
}

LocalDay localDayOf(const QDate& date)
{
    return LocalDay(std::chrono::days(QDate(1970, 1, 1).daysTo(date)));
}

seconds clockOf(const QTime& time)
{
    return seconds(time.msecsSinceStartOfDay() / 1000);
}

QTime timeOf(seconds clock)
{
    return QTime::fromMSecsSinceStartOfDay(static_cast<int>(clock.count()) * 1000);
}

// The inner field of a date or time box carries the name too.
void nameField(QAbstractSpinBox* box, const QString& name)
{
    box->setAccessibleName(name);
    if (auto* field = box->findChild<QLineEdit*>())
        field->setAccessibleName(name);
}

}  // namespace

NameForm::NameForm(DeploymentDraft& draft)
    : WizardForm(draft), m_name(new QLineEdit), m_group(note({})), m_description(new QLineEdit), m_image(new QComboBox)
{
    QVBoxLayout* column = makeColumn(this);
    for (QWidget* field : std::initializer_list<QWidget*>{m_name, m_description, m_image})
        field->setMaximumWidth(scaled(fieldWidth));
    m_name->setObjectName(QStringLiteral("deploymentName"));
    m_name->setMaxLength(64);
    m_slots.addField(column, "/name", tr("Name"), m_name);
    column->addWidget(m_group);
    column->addSpacing(12);
    m_slots.addField(column, "/description", tr("What it is for (may be left out)"), m_description);
    column->addSpacing(12);
    m_image->setObjectName(QStringLiteral("deploymentImage"));
    m_image->setEditable(true);
    m_slots.addField(column, "/image", tr("Node image"), m_image);
    m_image->lineEdit()->setAccessibleName(tr("Node image"));
    column->addWidget(note(tr("What its nodes are started from, and what they were measured to carry.")));
    column->addStretch();
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString& text) {
        m_draft.name = format::utf8(text.trimmed());
        m_group->setText(tr("Its node group is named %1.").arg(format::text(groupNameOf(m_draft))));
        Q_EMIT edited();
    });
    connect(m_description, &QLineEdit::textEdited, this, [this](const QString& text) {
        m_draft.description = format::utf8(text.trimmed());
        Q_EMIT edited();
    });
    connect(m_image, &QComboBox::currentTextChanged, this, [this](const QString& text) {
        m_draft.image = format::utf8(text.trimmed());
        Q_EMIT edited();
    });
}

void NameForm::load(const Snapshot& snapshot)
{
    m_name->setText(format::text(m_draft.name));
    m_group->setText(m_draft.name.empty() ? tr("Its node group is named after it.")
                                          : tr("Its node group is named %1.").arg(format::text(groupNameOf(m_draft))));
    m_description->setText(format::text(m_draft.description));
    const std::string image = m_draft.image;
    const QSignalBlocker quiet(m_image);
    m_image->clear();
    for (const NodeImageStatus& status : snapshot.nodeImages)
        m_image->addItem(format::text(status.record.name));
    m_image->setCurrentText(format::text(image));
    m_name->setFocus();
}

RegionsForm::RegionsForm(DeploymentDraft& draft) : WizardForm(draft), m_map(new RegionMap)
{
    m_map->setAccessibleName(tr("Regions to choose from"));
    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("surface"));
    inner->setAttribute(Qt::WA_StyledBackground);
    m_list = new QGridLayout(inner);
    m_list->setContentsMargins(0, 0, 8, 0);
    m_list->setSpacing(8);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inner);
    QVBoxLayout* column = makeColumn(this);
    column->setSpacing(12);
    m_slots.addMessage(column, "/demand", nullptr);
    column->addWidget(m_map);
    column->addWidget(scroll, 1);
    connect(m_map, &RegionMap::regionActivated, this, [this](const QString& region) {
        if (const auto box = m_boxes.find(format::utf8(region)); box != m_boxes.end())
            box->second->toggle();
    });
}

// The map is as high as the world is at this width, unless the list needs the room.
void RegionsForm::resizeEvent(QResizeEvent* event)
{
    WizardForm::resizeEvent(event);
    const int wanted = std::min(width() * mapShare / 100, height() / 2);
    m_map->setFixedHeight(std::max(wanted, m_map->minimumSizeHint().height()));
}

void RegionsForm::load(const Snapshot& snapshot)
{
    m_regions = snapshot.regions;
    std::ranges::sort(m_regions, {}, [](const RegionStatus& status) { return cityOf(status.region); });
    m_defaultRegion = snapshot.defaultRegion;
    while (QLayoutItem* item = m_list->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_boxes.clear();
    for (const RegionStatus& status : m_regions) {
        const std::string& name = status.region.name;
        const QString title = format::text(status.region.title);
        auto* box = new QCheckBox(name == m_defaultRegion ? tr("%1 (default)").arg(cityOf(status.region))
                                                          : cityOf(status.region));
        box->setToolTip(QStringLiteral("%1, %2").arg(title, format::text(name)));
        box->setObjectName(QStringLiteral("region-") + format::text(name));
        box->setChecked(std::ranges::find(m_draft.demand, name, &RegionDemand::region) != m_draft.demand.end());
        const auto place = static_cast<int>(m_boxes.size());
        m_list->addWidget(box, place / listColumns, place % listColumns);
        m_boxes[name] = box;
        connect(box, &QCheckBox::toggled, this, [this, name](bool isOn) { choose(name, isOn); });
    }
    m_list->setRowStretch(m_list->rowCount(), 1);
    updateMap();
}

void RegionsForm::choose(const std::string& region, bool isChosen)
{
    if (isChosen)
        m_draft.demand.push_back(demandOf(m_draft, region));
    else
        std::erase_if(m_draft.demand, [&](const RegionDemand& demand) { return demand.region == region; });
    updateMap();
    Q_EMIT edited();
}

void RegionsForm::updateMap()
{
    std::vector<MapRegion> regions;
    for (const RegionStatus& status : m_regions) {
        const Region& region = status.region;
        const bool isChosen =
            std::ranges::find(m_draft.demand, region.name, &RegionDemand::region) != m_draft.demand.end();
        regions.push_back({format::text(region.name), cityOf(region), QString(), region.latitude, region.longitude,
                           isChosen ? Status::Ok : Status::Off, 0});
    }
    m_map->setRegions(std::move(regions));
}

RunTimesForm::RunTimesForm(DeploymentDraft& draft) : WizardForm(draft)
{
    QVBoxLayout* column = makeColumn(this);
    m_times = new Segmented({tr("Always"), tr("Every week"), tr("Once")}, tr("When the nodes run"));
    m_times->setObjectName(QStringLiteral("runTimes"));
    auto* top = new QHBoxLayout;
    top->addWidget(m_times);
    top->addStretch();
    column->addLayout(top);
    column->addSpacing(8);
    m_fields = new QWidget;
    buildTimes(makeColumn(m_fields));
    column->addWidget(m_fields);
    column->addSpacing(8);
    column->addWidget(
        note(tr("Outside of these hours there are no nodes. They are ready when the hours begin, not after, "
                "and who still publishes at their end is not cut off. More hours, overlays and holidays "
                "can be added in the timeline.")));
    column->addStretch();
    connect(m_times, &Segmented::currentChanged, this, &RunTimesForm::store);
}

void RunTimesForm::buildTimes(QVBoxLayout* column)
{
    m_zone = new QComboBox;
    m_zone->setObjectName(QStringLiteral("runZone"));
    m_zone->setMaximumWidth(scaled(fieldWidth));
    const QList<QByteArray> zones = QTimeZone::availableTimeZoneIds();
    for (const QByteArray& zone : zones)
        if (zone.contains('/') || zone == "UTC")
            m_zone->addItem(QString::fromLatin1(zone));
    m_slots.addField(column, "/window/zone", tr("On the clocks of"), m_zone);
    column->addSpacing(12);

    m_weekdays = new QWidget;
    auto* days = new QHBoxLayout(m_weekdays);
    days->setContentsMargins(0, 0, 0, 0);
    days->setSpacing(6);
    const QLocale english(QLocale::English);
    for (int day = 1; day <= 7; ++day) {
        QPushButton* chip = makeButton(english.dayName(day, QLocale::ShortFormat), ButtonKind::Chip);
        chip->setAccessibleName(english.dayName(day));
        days->addWidget(chip);
        m_days.push_back(chip);
        connect(chip, &QPushButton::toggled, this, &RunTimesForm::store);
    }
    days->addStretch();
    m_slots.addField(column, "/window/weekdays", tr("Days"), m_weekdays);
    column->addSpacing(12);

    m_day = new QDateEdit;
    m_day->setDisplayFormat(QStringLiteral("ddd d MMM yyyy"));
    m_day->setLocale(english);
    m_start = new QTimeEdit;
    m_end = new QTimeEdit;
    m_start->setObjectName(QStringLiteral("runStart"));
    m_end->setObjectName(QStringLiteral("runEnd"));
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    const auto addTo = [row](TextLabel* label, QAbstractSpinBox* box) {
        auto* cell = new QVBoxLayout;
        cell->setSpacing(4);
        cell->addWidget(label);
        cell->addWidget(box);
        row->addLayout(cell);
        nameField(box, label->text());
    };
    m_dayLabel = new TextLabel(tr("First day"), TextRole::SmallStrong, TextTone::Secondary);
    addTo(m_dayLabel, m_day);
    for (QTimeEdit* edit : {m_start, m_end}) {
        edit->setDisplayFormat(QStringLiteral("HH:mm"));
        addTo(new TextLabel(edit == m_start ? tr("From") : tr("Until"), TextRole::SmallStrong, TextTone::Secondary),
              edit);
        connect(edit, &QTimeEdit::timeChanged, this, &RunTimesForm::store);
    }
    m_nextDay = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    row->addWidget(m_nextDay, 1, Qt::AlignBottom);
    column->addLayout(row);
    m_slots.addMessage(column, "/window/end", m_end);
    connect(m_zone, &QComboBox::currentTextChanged, this, &RunTimesForm::store);
    connect(m_day, &QDateEdit::dateChanged, this, &RunTimesForm::store);
}

void RunTimesForm::load(const Snapshot&)
{
    m_isLoading = true;
    const RunWindow& window = m_draft.window;
    m_times->setCurrentIndex(static_cast<int>(window.times));
    const QString zone = format::text(window.zone);
    if (m_zone->findText(zone) < 0)
        m_zone->addItem(zone);
    m_zone->setCurrentText(zone);
    for (std::size_t i = 0; i < m_days.size(); ++i)
        m_days[i]->setChecked(window.weekdays[i]);
    m_day->setDate(dateOf(window.day));
    m_start->setTime(timeOf(window.start));
    m_end->setTime(timeOf(window.end));
    m_isLoading = false;
    updateFields();
}

void RunTimesForm::store()
{
    if (m_isLoading)
        return;
    RunWindow& window = m_draft.window;
    window.times = static_cast<RunTimes>(m_times->currentIndex());
    window.zone = format::utf8(m_zone->currentText());
    for (std::size_t i = 0; i < m_days.size(); ++i)
        window.weekdays[i] = m_days[i]->isChecked();
    window.day = localDayOf(m_day->date());
    window.start = clockOf(m_start->time());
    window.end = clockOf(m_end->time());
    updateFields();
    Q_EMIT edited();
}

void RunTimesForm::updateFields()
{
    const RunWindow& window = m_draft.window;
    m_fields->setVisible(window.times != RunTimes::Always);
    m_weekdays->setEnabled(window.times == RunTimes::Weekly);
    m_dayLabel->setText(window.times == RunTimes::Once ? tr("Day") : tr("First day"));
    m_nextDay->setText(window.end <= window.start ? tr("on the next day") : QString());
}

}  // namespace headgate
