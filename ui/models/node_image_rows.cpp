#include "ui/models/node_image_rows.h"

#include "ui/format.h"
#include "ui/models/cells.h"

#include <QCoreApplication>
#include <QStringList>

namespace headgate::rows {

namespace {

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

QString listed(const std::vector<std::string>& names)
{
    QStringList list;
    for (const std::string& name : names)
        list << format::text(name);
    return list.isEmpty() ? format::unknown() : list.join(QStringLiteral(", "));
}

QString usersOf(const NodeImageStatus& status)
{
    QStringList groups;
    for (const NodeImageUse& use : status.uses)
        groups << format::text(use.nodeGroup.value);
    groups.removeDuplicates();
    return groups.isEmpty() ? words("not used") : groups.join(QStringLiteral(", "));
}

Cell nameCell(const NodeImageStatus& status)
{
    Cell name;
    name.text = format::text(status.record.name);
    name.second = status.version == 0                 ? words("not described yet")
                  : status.record.description.empty() ? words("no description")
                                                      : format::text(status.record.description);
    name.isStrong = true;
    return name;
}

}  // namespace

QString mergeWindowWords(const MergeWindowSetting& setting)
{
    return setting.milliseconds ? format::milliseconds(*setting.milliseconds) : words("auto");
}

std::vector<TableColumn> nodeImageColumns()
{
    return {
        {words("Image"), 220, ColumnAlign::Left, true},          {words("Viewers per core"), 130, ColumnAlign::Right},
        {words("At, Mbit/s"), 90, ColumnAlign::Right, false, 2}, {words("Measured"), 220, ColumnAlign::Left, false, 3},
        {words("Software"), 100, ColumnAlign::Left, false, 4},   {words("Nodes"), 70, ColumnAlign::Right},
        {words("Used by"), 180, ColumnAlign::Left, true, 1}};
}

std::vector<TableRow> nodeImages(const Snapshot& snapshot)
{
    std::vector<TableRow> all;
    for (const NodeImageStatus& status : snapshot.nodeImages) {
        const auto& measurements = status.record.measurements;
        const CapacityMeasurement* newest = measurements.empty() ? nullptr : &measurements.front();
        int nodes = 0;
        for (const NodeImageUse& use : status.uses)
            nodes += use.nodes;
        TableRow row;
        row.key = format::text(status.record.name);
        row.cells = {nameCell(status),
                     newest ? figure(format::count(newest->viewersPerCore), newest->viewersPerCore)
                            : figure(format::unknown(), -1),
                     newest ? figure(format::megabits(newest->streamBitsPerSecond),
                                     static_cast<qlonglong>(newest->streamBitsPerSecond))
                            : figure(format::unknown(), -1),
                     plain(newest ? format::dateClock(newest->measuredAt) : words("not measured")),
                     plain(listed(status.softwareVersions)),
                     figure(format::count(nodes), nodes),
                     plain(usersOf(status))};
        row.cells[3].sort = QVariant(static_cast<qlonglong>(newest ? toEpochMs(newest->measuredAt) : -1));
        row.search = newest ? format::text(newest->machine) : QString();
        row.facets << (newest ? QStringLiteral("measured:yes") : QStringLiteral("measured:no"));
        all.push_back(std::move(row));
    }
    return all;
}

}  // namespace headgate::rows
