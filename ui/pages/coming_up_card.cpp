#include "ui/pages/coming_up_card.h"

#include "ui/format.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"

#include <QPushButton>
#include <QVBoxLayout>

#include <chrono>
#include <map>

namespace headgate {

namespace {

constexpr auto horizon = std::chrono::hours(24);

// Groups that change at the same instant stand in one line.
std::map<TimePoint, QStringList> changesOf(const Snapshot& snapshot)
{
    std::map<TimePoint, QStringList> changes;
    for (const NodeGroupStatus& status : snapshot.nodeGroups)
        if (status.nextChange && *status.nextChange > snapshot.takenAt &&
            *status.nextChange <= snapshot.takenAt + horizon)
            changes[*status.nextChange] << format::text(status.group.name.value);
    return changes;
}

}  // namespace

ComingUpCard::ComingUpCard(QWidget* parent) : Card(tr("Coming up"), parent), m_changes(new KeyValueList)
{
    auto* timeline = makeLink(tr("Timeline"));
    timeline->setAccessibleName(tr("Show it in the timeline"));
    addHeaderWidget(timeline);
    body()->addWidget(m_changes);
    connect(timeline, &QPushButton::clicked, this, &ComingUpCard::timelineRequested);
    hide();
}

void ComingUpCard::setSnapshot(const Snapshot& snapshot)
{
    std::vector<KeyValue> rows;
    const std::map<TimePoint, QStringList> changes = changesOf(snapshot);
    for (const auto& [at, groups] : changes) {
        if (rows.size() == mostLines)
            break;
        rows.push_back(
            {format::clock(at),
             tr("plan of %1, in %2").arg(groups.join(QStringLiteral(", ")), format::duration(at - snapshot.takenAt)),
             ValueStyle::Text,
             {}});
    }
    setNote(tr("next 24 h"));
    m_changes->setRows(rows);
    setVisible(!rows.empty());
}

}  // namespace headgate
