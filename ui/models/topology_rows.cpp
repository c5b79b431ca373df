#include "ui/models/topology_rows.h"

#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace headgate::rows {

namespace {

struct TopologyTableWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::TopologyTableWords)
};

Cell textCell(const QString& text)
{
    Cell cell;
    cell.text = text;
    return cell;
}

Cell rateCell(std::int64_t bitsPerSecond)
{
    Cell cell = textCell(bitsPerSecond > 0 ? format::megabits(bitsPerSecond) : format::unknown());
    cell.sort = static_cast<qlonglong>(bitsPerSecond);
    return cell;
}

Cell countCell(int count)
{
    Cell cell = textCell(format::count(count));
    cell.sort = count;
    return cell;
}

QString sourceText(const QStringList& sources)
{
    constexpr int mostNamed = 3;
    if (sources.isEmpty())
        return format::unknown();
    QString text = sources.mid(0, mostNamed).join(QStringLiteral(", "));
    if (sources.size() > mostNamed)
        text += TopologyTableWords::tr(" and %1 more").arg(format::count(sources.size() - mostNamed));
    return text;
}

}  // namespace

std::vector<TableColumn> topologyColumns()
{
    return {{TopologyTableWords::tr("Node"), 170, ColumnAlign::Left, true},
            {TopologyTableWords::tr("Kind"), 84},
            {TopologyTableWords::tr("State"), 96},
            {TopologyTableWords::tr("Gets from, Mbit/s"), 220, ColumnAlign::Left, true, 2},
            {TopologyTableWords::tr("In, Mbit/s"), 96, ColumnAlign::Right},
            {TopologyTableWords::tr("To nodes, Mbit/s"), 126, ColumnAlign::Right, false, 1},
            {TopologyTableWords::tr("Streams"), 76, ColumnAlign::Right, false, 3},
            {TopologyTableWords::tr("Viewers"), 90, ColumnAlign::Right}};
}

std::vector<TableRow> topology(const Topology& topology)
{
    std::vector<TableRow> all;
    for (std::size_t i = 0; i < topology.boxes.size(); ++i) {
        const TopologyBox& box = topology.boxes[i];
        TableRow row;
        row.key = box.key;
        Cell name = textCell(box.title);
        name.isStrong = true;
        name.glyph = box.tier == TopologyTier::Publishers && box.status == Status::Ok ? Status::OnAir : box.status;
        name.second = box.title == box.region ? box.second : box.region;
        Cell kind = textCell(topology.isFolded ? tierName(box.tier) : tierKind(box.tier));
        kind.sort = static_cast<int>(box.tier);
        Cell state = textCell(box.state);
        state.tone = box.status == Status::Critical  ? TextTone::Critical
                     : box.status == Status::Warning ? TextTone::Warning
                                                     : TextTone::Primary;
        state.sort = format::urgency(box.status);
        row.cells = {name,
                     kind,
                     state,
                     textCell(sourceText(sourcesOf(topology, i))),
                     rateCell(box.bitsInPerSecond),
                     rateCell(box.bitsOutPerSecond),
                     countCell(box.streams),
                     box.tier == TopologyTier::Publishers ? textCell(format::unknown()) : countCell(box.viewers)};
        if (box.tier == TopologyTier::Publishers)
            row.cells[4] = textCell(format::unknown());
        if (std::ranges::any_of(topology.links,
                                [i](const TopologyLink& link) { return link.to == i && link.starved > 0; }))
            row.cells[3].tone = TextTone::Warning;
        row.search = box.region;
        row.facets << QStringLiteral("kind:") + tierName(box.tier) << QStringLiteral("region:") + box.region;
        if (format::urgency(box.status) >= format::urgency(Status::Warning))
            row.facets << QStringLiteral("unwell:yes");
        all.push_back(std::move(row));
    }
    return all;
}

QString topologyText(const Topology& shown)
{
    QStringList titles;
    for (const TableColumn& column : topologyColumns())
        titles << column.title;
    titles.insert(1, TopologyTableWords::tr("Region"));
    QString text = titles.join(QLatin1Char('\t')) + QLatin1Char('\n');
    const std::vector<TableRow> all = topology(shown);
    for (std::size_t i = 0; i < all.size(); ++i) {
        QStringList cells;
        for (const Cell& cell : all[i].cells)
            cells << cell.text;
        cells.insert(1, shown.boxes[i].region);
        // All sources, not only those that have room.
        cells[4] = sourcesOf(shown, i).join(QStringLiteral(", "));
        text += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    return text;
}

}  // namespace headgate::rows
