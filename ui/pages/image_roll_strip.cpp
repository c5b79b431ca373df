#include "ui/pages/image_roll_strip.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int labelWidth = 220;
constexpr int figureWidth = 140;

// What has to be built anew if it differs.
std::vector<std::pair<std::string, std::vector<PoolKey>>> shapeOf(const std::vector<GroupRoll>& rolls)
{
    std::vector<std::pair<std::string, std::vector<PoolKey>>> shape;
    for (const GroupRoll& roll : rolls) {
        std::vector<PoolKey> pools;
        for (const PoolRoll& pool : roll.pools)
            pools.push_back(pool.pool);
        shape.emplace_back(roll.group.value + '\n' + roll.former + '\n' + roll.present, std::move(pools));
    }
    return shape;
}

QString titleOf(const GroupRoll& roll)
{
    const QString group = format::text(roll.group.value);
    return roll.former.empty() ? ImageRollStrip::tr("%1 gets new nodes").arg(group)
                               : ImageRollStrip::tr("%1 changes from %2 to %3")
                                     .arg(group, format::text(roll.former), format::text(roll.present));
}

}  // namespace

ImageRollStrip::ImageRollStrip(QWidget* parent) : QFrame(parent)
{
    setProperty("card", true);
    setAccessibleName(tr("Nodes that are being replaced"));
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(16, 12, 16, 12);
    m_column->setSpacing(8);
    hide();
}

void ImageRollStrip::follow(const Snapshot& snapshot)
{
    std::vector<GroupRoll> rolls = groupRolls(snapshot);
    const bool isSameShape = shapeOf(rolls) == shapeOf(m_rolls);
    m_rolls = std::move(rolls);
    if (!isSameShape)
        rebuild(snapshot);
    updateBars();
    setVisible(!m_rolls.empty());
}

void ImageRollStrip::setReadOnly(const QString& why)
{
    m_readOnly = why;
    for (QPushButton* undo : m_undo) {
        undo->setEnabled(why.isEmpty());
        undo->setToolTip(why);
    }
}

void ImageRollStrip::rebuild(const Snapshot& snapshot)
{
    while (QLayoutItem* item = m_column->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_bars.clear();
    m_undo.clear();
    for (const GroupRoll& roll : m_rolls)
        addRoll(snapshot, roll);
    setReadOnly(m_readOnly);
}

void ImageRollStrip::addRoll(const Snapshot& snapshot, const GroupRoll& roll)
{
    auto* box = new QWidget;
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    grid->setColumnMinimumWidth(0, scaled(labelWidth));
    grid->setColumnMinimumWidth(2, scaled(figureWidth));
    auto* head = new QHBoxLayout;
    head->addWidget(new ElidedLabel(titleOf(roll), TextRole::BodyStrong), 1);
    if (!roll.former.empty()) {
        auto* undo =
            makeButton(tr("Put %1 back").arg(format::text(roll.former)), ButtonKind::Normal, QStringLiteral("undo"));
        undo->setObjectName(QStringLiteral("undoRoll"));
        undo->setAccessibleName(tr("Put %1 of %2 back").arg(format::text(roll.former), format::text(roll.group.value)));
        head->addWidget(undo);
        m_undo.push_back(undo);
        connect(undo, &QPushButton::clicked, this, [this, roll] { Q_EMIT undoRequested(roll); });
    }
    grid->addLayout(head, 0, 0, 1, 3);
    int line = 1;
    for (const PoolRoll& pool : roll.pools) {
        const QString name = tr("%1, %2").arg(regionName(snapshot, pool.region), format::text(pool.pool.role));
        auto* bar = new QProgressBar;
        bar->setTextVisible(false);
        bar->setFixedHeight(6);
        bar->setAccessibleName(tr("New nodes of %1 in %2").arg(format::text(roll.group.value), name));
        auto* figure = new FigureLabel(TextRole::Small);
        figure->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        grid->addWidget(new TextLabel(name, TextRole::Small, TextTone::Secondary), line, 0);
        grid->addWidget(bar, line, 1, Qt::AlignVCenter);
        grid->addWidget(figure, line++, 2);
        m_bars[pool.pool] = {bar, figure};
    }
    m_column->addWidget(box);
}

void ImageRollStrip::updateBars()
{
    for (const GroupRoll& roll : m_rolls) {
        for (const PoolRoll& pool : roll.pools) {
            const Bar& bar = m_bars.at(pool.pool);
            bar.bar->setRange(0, pool.all);
            bar.bar->setValue(std::clamp(pool.replaced, 0, pool.all));
            bar.figure->setText(tr("%1 replaced").arg(format::ofCount(pool.replaced, pool.all)));
        }
    }
}

}  // namespace headgate
