#include "ui/models/rows.h"

#include "core/wire/decision_document.h"
#include "ui/format.h"
#include "ui/models/cells.h"
#include "ui/models/places.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <set>

namespace headgate::rows {

namespace {

using format::text;

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

// Unwell first: the smaller, the more it needs somebody.
int urgency(Status status)
{
    switch (status) {
    case Status::Critical:
        return 0;
    case Status::Warning:
        return 1;
    case Status::Pending:
        return 2;
    case Status::Draining:
        return 3;
    case Status::OnAir:
    case Status::Ok:
        return 4;
    case Status::Off:
        return 5;
    }
    return 5;
}

Cell named(const QString& name, const QString& second, Status status)
{
    Cell cell;
    cell.text = name;
    cell.second = second;
    cell.glyph = status;
    cell.isStrong = true;
    return cell;
}

}  // namespace

QString poolRowKey(const PoolKey& pool)
{
    return text(pool.nodeGroup.value + '/' + pool.subgroup + '/' + pool.role);
}

QString streamRowKey(const NodeGroupName& group, const StreamKey& stream)
{
    return text(group.value + '/' + stream.path());
}

std::vector<TableColumn> nodeGroupColumns()
{
    return {
        {words("Group"), 260, ColumnAlign::Left, true},      {words("State"), 130, ColumnAlign::Left, false, 2},
        {words("Ready of wanted"), 130, ColumnAlign::Right}, {words("Bounds now"), 100, ColumnAlign::Right, false, 1},
        {words("Why"), 220, ColumnAlign::Left, true, 2},     {words("Regions"), 200, ColumnAlign::Left, true, 4},
        {words("Image"), 150, ColumnAlign::Left, false, 3},  {words("Platform"), 100, ColumnAlign::Left, false, 5}};
}

namespace {

QString boundsWords(int min, int max)
{
    return QString("%1 %2 %3").arg(format::count(min), QString(QChar(0x2013)), format::count(max));
}

QString regionWords(const NodeGroupStatus& status)
{
    std::set<std::string> regions;
    QStringList names;
    for (const PoolStatus& pool : status.pools)
        if (regions.insert(pool.region).second)
            names << regionName(pool.region);
    return names.join(QStringLiteral(", "));
}

// What it waits for, else what makes it differ from what was written.
QString whyWords(const NodeGroupStatus& status)
{
    if (!status.waitsFor.empty())
        return text(status.waitsFor.front());
    return status.configuration.empty() ? QString() : words("as %1 says").arg(text(status.configuration));
}

TableRow groupRow(const NodeGroupStatus& status, bool isOpen)
{
    const format::StatusWord state = format::groupState(status);
    int wanted = 0;
    int ready = 0;
    int min = 0;
    int max = 0;
    for (const PoolStatus& pool : status.pools) {
        wanted += pool.wanted;
        ready += pool.ready;
        min += pool.min;
        max += pool.max;
    }
    std::set<std::string> regions;
    for (const PoolStatus& pool : status.pools)
        regions.insert(pool.region);
    const auto regionCount = static_cast<int>(regions.size());
    TableRow row;
    row.key = text(status.group.name.value);
    Cell name =
        named(row.key, regionCount == 1 ? words("1 region") : words("%1 regions").arg(regionCount), state.status);
    name.isOpen = isOpen;
    row.cells = {name,
                 plain(state.word),
                 figure(format::ofCount(ready, wanted), ready),
                 figure(boundsWords(min, max), max),
                 plain(whyWords(status)),
                 plain(regionWords(status)),
                 plain(status.group.images.empty() ? format::unknown() : text(status.group.images.front().image)),
                 plain(text(status.group.cloudPlatform))};
    row.cells[0].sort = row.key;
    row.search = text(status.group.description);
    row.facets << "state:" + state.word << "group:" + row.key;
    return row;
}

TableRow poolRow(const NodeGroupStatus& status, const Pool& pool, const PoolStatus& figures)
{
    const format::StatusWord state = format::poolState(figures);
    const Role* role = status.group.findRole(pool.key.role);
    const NodeImage* image = role == nullptr ? nullptr : status.group.findImage(role->imageName);
    TableRow row;
    row.key = poolRowKey(pool.key);
    Cell name = named(text(pool.key.subgroup + "/" + pool.key.role),
                      words("%1, max %2").arg(text(pool.key.role), format::count(pool.rule.max)), state.status);
    name.indent = 1;
    row.cells = {name,
                 plain(state.word),
                 figure(format::ofCount(figures.ready, figures.wanted), figures.ready),
                 figure(figures.isActive ? boundsWords(figures.min, figures.max) : words("off"), figures.max),
                 plain(figures.reasons.empty() ? format::unknown() : text(figures.reasons.back())),
                 plain(regionName(pool.region)),
                 plain(image == nullptr ? format::unknown() : text(image->image)),
                 plain({})};
    row.cells[0].sort = row.key;
    row.search = text(pool.region + ' ' + pool.key.nodeGroup.value);
    row.facets << "state:" + state.word << "group:" + text(pool.key.nodeGroup.value);
    return row;
}

}  // namespace

std::vector<TableRow> nodeGroups(const Snapshot& snapshot, const QSet<QString>& closed)
{
    std::vector<TableRow> all;
    for (const NodeGroupStatus& status : snapshot.nodeGroups) {
        const bool isOpen = !closed.contains(text(status.group.name.value));
        all.push_back(groupRow(status, isOpen));
        if (!isOpen)
            continue;
        for (const Pool& pool : poolsOf(status.group)) {
            const auto found = std::find_if(status.pools.begin(), status.pools.end(),
                                            [&](const PoolStatus& one) { return one.key == pool.key; });
            if (found != status.pools.end())
                all.push_back(poolRow(status, pool, *found));
        }
    }
    return all;
}

std::vector<TableColumn> nodeColumns()
{
    return {{words("Node"), 190, ColumnAlign::Left, true},
            {words("State, since"), 110},
            {words("Role"), 80},
            {words("Group"), 130, ColumnAlign::Left, false, 1},
            {words("Region"), 120},
            {words("Viewers"), 90, ColumnAlign::Right},
            {words("CPU, % of a core"), 130, ColumnAlign::Right},
            {words("Out, Mbit/s"), 100, ColumnAlign::Right},
            {words("Image"), 100, ColumnAlign::Left, false, 2},
            {words("Heard"), 80, ColumnAlign::Right, false, 3}};
}

std::vector<TableRow> nodes(const Snapshot& snapshot, TimePoint now)
{
    std::vector<TableRow> all;
    for (const NodeStatus& status : snapshot.nodes) {
        const Node& node = status.node;
        const format::StatusWord state = format::nodeState(node);
        const bool isAlive = node.health != NodeHealth::Dead;
        const bool reports = isAlive && toEpochMs(status.lastHeard) > 0;
        TableRow row;
        row.key = text(node.id.value);
        Cell stateCell;
        stateCell.text = state.word;
        stateCell.second = !node.failure.empty() ? text(node.failure)
                           : node.drainDeadline  ? words("until %1").arg(format::clock(*node.drainDeadline))
                                                 : format::duration(now - node.stateSince);
        stateCell.sort = urgency(state.status) * 10 + static_cast<int>(node.state);
        stateCell.tone = state.status == Status::Critical  ? TextTone::Critical
                         : state.status == Status::Warning ? TextTone::Warning
                                                           : TextTone::Primary;
        Cell cpu = figure(reports ? format::decimal(status.load.cpuPercent) : format::unknown(),
                          reports ? status.load.cpuPercent : -1);
        if (reports)
            cpu.bar = std::clamp(status.load.cpuPercent / 100, 0.0, 1.0);
        cpu.barStatus = status.load.cpuPercent > 90   ? Status::Critical
                        : status.load.cpuPercent > 70 ? Status::Warning
                                                      : Status::Off;
        Cell name = named(row.key, node.endpoints.address.empty() ? format::unknown() : text(node.endpoints.address),
                          state.status);
        Cell region = plain(regionName(node.region));
        region.second = text(node.pool.subgroup);
        row.cells = {name,
                     stateCell,
                     plain(text(node.pool.role)),
                     plain(text(node.pool.nodeGroup.value)),
                     region,
                     figure(reports ? format::count(status.load.subscribers) : format::unknown(),
                            reports ? status.load.subscribers : -1),
                     cpu,
                     figure(reports ? format::megabits(status.load.bitsOutPerSecond) : format::unknown(),
                            reports ? QVariant(static_cast<qlonglong>(status.load.bitsOutPerSecond)) : QVariant(-1LL)),
                     plain(text(node.imageName)),
                     figure(reports ? format::ageOf(now - status.lastHeard) : format::unknown(),
                            static_cast<qlonglong>(toEpochMs(status.lastHeard)))};
        row.search = text(node.region + ' ' + node.reason + ' ' + node.failure);
        row.facets << "state:" + state.word << "group:" + text(node.pool.nodeGroup.value)
                   << "role:" + text(node.pool.role) << "region:" + text(node.region);
        if (state.status == Status::Critical || state.status == Status::Warning)
            row.facets << QStringLiteral("unwell:yes");
        row.isQuiet = state.status == Status::Off;
        all.push_back(std::move(row));
    }
    return all;
}

std::vector<TableColumn> streamColumns()
{
    return {{words("Stream"), 270, ColumnAlign::Left, true},         {words("Ingest"), 116},
            {words("Bitrate, Mbit/s"), 136, ColumnAlign::Right},     {words("Viewers"), 80, ColumnAlign::Right},
            {words("Origin"), 100, ColumnAlign::Left, false, 1},     {words("Edges"), 70, ColumnAlign::Right, false, 2},
            {words("Key frames"), 90, ColumnAlign::Right, false, 3}, {words("On air"), 88, ColumnAlign::Right}};
}

std::vector<TableRow> streams(const Snapshot& snapshot, const LocalHistory& history, TimePoint now)
{
    std::vector<TableRow> all;
    for (const StreamStatus& stream : snapshot.streams) {
        const StreamReport& ingest = stream.ingest;
        const format::StatusWord state = format::streamState(stream);
        const NodeStatus* origin = snapshot.findNode(stream.origin);
        TableRow row;
        row.key = streamRowKey(stream.nodeGroup, ingest.key);
        Cell bitrate = figure(ingest.bitsPerSecond > 0 ? format::megabits(ingest.bitsPerSecond) : format::unknown(),
                              static_cast<qlonglong>(ingest.bitsPerSecond));
        bitrate.spark = history.bitsIn(streamMetricKey(stream.nodeGroup, ingest.key));
        if (bitrate.spark.size() > 60)
            bitrate.spark.erase(bitrate.spark.begin(), bitrate.spark.end() - 60);
        if (state.status != Status::OnAir)
            bitrate.tone = state.status == Status::Critical ? TextTone::Critical : TextTone::Warning;
        Cell onAir =
            figure(format::duration(now - ingest.startedAt), static_cast<qlonglong>((now - ingest.startedAt).count()));
        row.cells = {
            named(text(ingest.key.path()), text(stream.nodeGroup.value) + ", " + text(ingest.protocol).toUpper(),
                  state.status),
            plain(format::ingestFormat(ingest)),
            bitrate,
            figure(format::count(stream.viewers), stream.viewers),
            plain(origin == nullptr ? format::unknown() : regionName(origin->node.region)),
            figure(format::count(static_cast<std::int64_t>(stream.hops.size())),
                   static_cast<qlonglong>(stream.hops.size())),
            figure(ingest.keyFrameIntervalMs > 0 ? format::milliseconds(ingest.keyFrameIntervalMs) : format::unknown(),
                   ingest.keyFrameIntervalMs),
            onAir};
        row.search = text(stream.origin.value + ' ' + ingest.publisherAddress);
        row.facets << "group:" + text(stream.nodeGroup.value) << "protocol:" + text(ingest.protocol)
                   << "state:" + state.word;
        if (state.status == Status::OnAir)
            row.facets << QStringLiteral("onair:yes");
        all.push_back(std::move(row));
    }
    return all;
}

std::vector<TableColumn> auditColumns(TimePoint now)
{
    return {{words("Time, %1").arg(format::zoneName(now)), 140},
            {words("What happened"), 560, ColumnAlign::Left, true},
            {words("Actor"), 96},
            {words("Object"), 190, ColumnAlign::Left, false, 1},
            {words("Revision"), 84, ColumnAlign::Right, false, 2}};
}

std::vector<TableRow> audit(const std::vector<AuditRecord>& records)
{
    std::vector<TableRow> all;
    for (const AuditRecord& record : records) {
        TableRow row;
        row.key = QString::number(record.sequence);
        Cell time = plain(format::timeOnly(record.at), TextTone::Primary);
        time.second = format::dateClock(record.at).section(' ', 0, 3);
        time.sort = static_cast<qlonglong>(record.sequence);
        Cell sentence = plain(text(record.sentence), TextTone::Primary);
        sentence.second = text(record.verb);
        sentence.glyph = record.severity == Severity::Info ? std::optional<Status>(Status::Ok)
                                                           : format::severity(record.severity).status;
        Cell object = plain(text(record.object));
        object.isMono = true;
        row.cells = {
            time, sentence, plain(text(record.actor)), object,
            figure(format::count(static_cast<std::int64_t>(record.revision)), static_cast<qlonglong>(record.revision))};
        row.search = text(record.requestId.value);
        if (native::decisionIn(record.after))
            row.facets << QStringLiteral("decision:yes");
        row.facets << "actor:" + text(record.actor) << "severity:" + format::severity(record.severity).word
                   << "verb:" + text(record.verb).section('.', 0, 0);
        all.push_back(std::move(row));
    }
    return all;
}

}  // namespace headgate::rows
