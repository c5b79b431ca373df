#include "ui/pages/coming_up_card.h"

#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"

#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

// Pools of one group that change at the same instant.
struct Line
{
    const ComingChange* first;
    int others = 0;
};

std::vector<Line> linesOf(const std::vector<ComingChange>& changes, Instant now)
{
    std::vector<Line> lines;
    for (const ComingChange& change : changes) {
        if (change.at <= now)
            continue;
        const auto known = std::ranges::find_if(lines, [&](const Line& line) {
            return line.first->at == change.at && line.first->pool.nodeGroup == change.pool.nodeGroup;
        });
        if (known == lines.end())
            lines.push_back({&change, 0});
        else
            ++known->others;
    }
    return lines;
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

void ComingUpCard::setChanges(const std::vector<ComingChange>& changes, TimePoint now)
{
    std::vector<KeyValue> rows;
    for (const Line& line : linesOf(changes, instantOf(now))) {
        if (rows.size() == mostLines)
            break;
        const ComingChange& change = *line.first;
        QString where = words::scope({change.pool.nodeGroup, change.pool.subgroup, change.pool.role});
        if (line.others > 0)
            where = tr("%1, %n more", nullptr, line.others).arg(where);
        const TimePoint at = timePointOf(change.at);
        rows.push_back(
            {format::clock(at),
             tr("%1, in %2\n%3").arg(words::change(change.before, change.after), format::duration(at - now), where),
             ValueStyle::Text,
             {}});
    }
    setNote(tr("next 24 h"));
    m_changes->setRows(rows);
    setVisible(!rows.empty());
}

}  // namespace headgate
