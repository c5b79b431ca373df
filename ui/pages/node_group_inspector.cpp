#include "ui/pages/node_group_inspector.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

QString limitText(const std::optional<int>& limit)
{
    return limit ? format::count(*limit) : NodeGroupInspector::tr("no limit");
}

std::vector<KeyValue> factRows(const NodeGroupStatus& status)
{
    const NodeGroup& group = status.group;
    int ready = 0;
    int wanted = 0;
    for (const PoolStatus& pool : status.pools) {
        ready += pool.ready;
        wanted += pool.wanted;
    }
    std::vector<KeyValue> rows = {
        {NodeGroupInspector::tr("Ready"), format::ofCount(ready, wanted), ValueStyle::Figure, {}},
        {NodeGroupInspector::tr("Platform"), format::text(group.cloudPlatform), ValueStyle::Text, {}},
        {NodeGroupInspector::tr("Publishers at most"), limitText(group.maxPublishers), ValueStyle::Figure, {}},
        {NodeGroupInspector::tr("Viewers at most"), limitText(group.maxSubscribers), ValueStyle::Figure, {}},
        {NodeGroupInspector::tr("Scaling"),
         group.isScalingPaused ? NodeGroupInspector::tr("paused") : NodeGroupInspector::tr("on"), ValueStyle::Text,
         group.isScalingPaused ? std::optional(Status::Warning) : std::nullopt},
        {NodeGroupInspector::tr("Version"),
         format::count(static_cast<std::int64_t>(status.version)),
         ValueStyle::Figure,
         {}},
        {NodeGroupInspector::tr("Made"),
         format::momentBy(status.createdAt, status.origin.createdBy),
         ValueStyle::Text,
         {}},
        {NodeGroupInspector::tr("Changed"), format::momentBy(status.updatedAt, status.updatedBy), ValueStyle::Text, {}},
    };
    if (!status.configuration.empty())
        rows.push_back(
            {NodeGroupInspector::tr("Configuration now"), format::text(status.configuration), ValueStyle::Text, {}});
    if (status.nextChange)
        rows.push_back(
            {NodeGroupInspector::tr("Plan changes"), format::dateClock(*status.nextChange), ValueStyle::Text, {}});
    return rows;
}

}  // namespace

NodeGroupInspector::NodeGroupInspector(QWidget* parent)
    : Inspector(parent),
      m_description(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_waits(new Notice),
      m_facts(new KeyValueList),
      m_pools(new KeyValueList),
      m_reasons(new KeyValueList)
{
    m_description->setWordWrap(true);
    body()->addWidget(m_description);
    body()->addWidget(m_waits);
    body()->addWidget(m_facts);
    addSection(tr("Pools"), tr("ready of wanted, bounds now"))->addWidget(m_pools);
    addSection(tr("Why these bounds"), tr("the last one decided"))->addWidget(m_reasons);
    body()->addStretch();
    buildFooter();
}

void NodeGroupInspector::buildFooter()
{
    auto* edit = makeButton(tr("Edit"), ButtonKind::Normal, QStringLiteral("edit"));
    edit->setObjectName(QStringLiteral("editGroup"));
    auto* nodes = makeButton(tr("Nodes"));
    nodes->setAccessibleName(tr("Nodes of this group"));
    m_delete = makeButton(tr("Delete..."), ButtonKind::Danger);
    m_delete->setObjectName(QStringLiteral("deleteGroup"));
    footer()->addWidget(edit, 1);
    footer()->addWidget(nodes);
    footer()->addWidget(m_delete);
    connect(edit, &QPushButton::clicked, this, &NodeGroupInspector::editRequested);
    connect(nodes, &QPushButton::clicked, this, &NodeGroupInspector::nodesRequested);
    connect(m_delete, &QPushButton::clicked, this, &NodeGroupInspector::deleteRequested);
}

void NodeGroupInspector::setReadOnly(const QString& why)
{
    m_delete->setEnabled(why.isEmpty());
    m_delete->setToolTip(why);
}

void NodeGroupInspector::present(const NodeGroupStatus& status, bool isStale)
{
    const format::StatusWord state = format::groupState(status);
    setTitle(format::text(status.group.name.value));
    setPills({{isStale ? Status::Off : state.status, state.word, true},
              {Status::Off, format::text(status.group.cloudPlatform), false}});
    m_description->setText(format::text(status.group.description));
    m_description->setVisible(!status.group.description.empty());
    m_facts->setRows(factRows(status));
    showPools(status, isStale);
}

void NodeGroupInspector::showPools(const NodeGroupStatus& status, bool isStale)
{
    std::vector<KeyValue> lines, reasons;
    for (const PoolStatus& pool : status.pools) {
        if (pool.max == 0 && pool.ready == 0 && pool.reasons.empty())
            continue;
        const QString name = QStringLiteral("%1 %2").arg(regionName(pool.region), format::text(pool.key.role));
        const QString ready = format::ofCount(pool.ready, pool.wanted);
        const QString bounds = pool.isActive
                                   ? tr("%1, %2 to %3").arg(ready, format::count(pool.min), format::count(pool.max))
                                   : tr("%1, off").arg(ready);
        lines.push_back({name, bounds, ValueStyle::Figure, isStale ? Status::Off : format::poolState(pool).status});
        QStringList sources;
        for (const std::string& reason : pool.reasons)
            sources << format::text(reason);
        if (!sources.isEmpty())
            reasons.push_back({name, sources.join(QStringLiteral(" › ")), ValueStyle::Text, {}});
    }
    m_pools->setRows(lines);
    m_reasons->setRows(reasons);
    QStringList waits;
    for (const std::string& sentence : status.waitsFor)
        waits << format::text(sentence);
    const format::StatusWord activity = format::groupActivity(status);
    m_waits->setContent(isStale ? Status::Off : activity.status, tr("%1, and waits for").arg(activity.word),
                        waits.join(QLatin1Char('\n')));
    m_waits->setVisible(!waits.isEmpty());
}

}  // namespace headgate
