#include "ui/models/viewer_rows.h"

#include "ui/format.h"
#include "ui/models/places.h"

#include <QCoreApplication>

#include <algorithm>

namespace headgate::rows {

namespace {

using format::text;

struct ViewerWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::ViewerWords)
};

// A viewer that is 5 s behind loses what waits for it.
constexpr int lagWarningMs = 1000;
constexpr int lagCriticalMs = 4000;

Cell plain(const QString& value, const QString& second = {})
{
    Cell cell;
    cell.text = value;
    cell.second = second;
    cell.tone = TextTone::Secondary;
    return cell;
}

Cell figure(const QString& value, double sort, const QString& second = {})
{
    Cell cell;
    cell.text = value;
    cell.second = second;
    cell.sort = sort;
    return cell;
}

QString known(bool isKnown, const QString& value)
{
    return isKnown ? value : format::unknown();
}

Status statusOf(int lagMs)
{
    return lagMs >= lagCriticalMs ? Status::Critical : lagMs >= lagWarningMs ? Status::Warning : Status::Ok;
}

Cell lagCell(const StreamViewer& viewer)
{
    const std::int64_t waiting = viewer.waitingBytes + viewer.kernelBytes;
    Cell lag = figure(format::milliseconds(viewer.lagMs), viewer.lagMs,
                      waiting > 0 ? ViewerWords::tr("%1 wait").arg(format::bytes(waiting)) : QString());
    const Status status = statusOf(viewer.lagMs);
    lag.tone = status == Status::Critical  ? TextTone::Critical
               : status == Status::Warning ? TextTone::Warning
                                           : TextTone::Primary;
    return lag;
}

TableRow viewerRow(const NodeId& node, const StreamViewer& viewer, const Snapshot& snapshot)
{
    const NodeStatus* place = snapshot.findNode(node);
    const bool isChild = viewer.kind == ViewerKind::Child;
    const Duration connected = snapshot.takenAt - viewer.connectedAt;
    Cell who;
    who.text = text(viewer.address);
    who.second = isChild ? ViewerWords::tr("node that pulls, %1").arg(protocolName(viewer.protocol))
                         : protocolName(viewer.protocol);
    who.glyph = statusOf(viewer.lagMs);
    who.isStrong = true;
    TableRow row;
    row.key = viewerRowKey(node, viewer.id);
    row.cells = {who,
                 plain(text(node.value), place ? regionName(place->node.region) : QString()),
                 figure(format::duration(connected), static_cast<double>(connected.count())),
                 figure(format::megabits(viewer.bitsPerSecond), static_cast<double>(viewer.bitsPerSecond)),
                 lagCell(viewer),
                 figure(known(viewer.roundTripMs > 0, format::decimal(viewer.roundTripMs)), viewer.roundTripMs),
                 figure(format::count(static_cast<std::int64_t>(viewer.skips)), static_cast<double>(viewer.skips))};
    row.facets << "protocol:" + protocolName(viewer.protocol);
    if (statusOf(viewer.lagMs) != Status::Ok)
        row.facets << QStringLiteral("behind:yes");
    return row;
}

QString soundOf(const StreamTrack& track)
{
    if (track.sampleRate <= 0)
        return format::unknown();
    const QString channels = track.channels == 1   ? ViewerWords::tr("mono")
                             : track.channels == 2 ? ViewerWords::tr("stereo")
                                                   : ViewerWords::tr("%n channel(s)", nullptr, track.channels);
    return QStringLiteral("%1 kHz %2").arg(format::decimal(track.sampleRate / 1000.0), channels);
}

TableRow trackRow(const StreamTrack& track)
{
    const bool isVideo = track.kind == TrackKind::Video;
    const QString kind = isVideo ? ViewerWords::tr("Video") : ViewerWords::tr("Audio");
    constexpr int firstLayer = 240;  // of simulcast, as nodes number them
    Cell name;
    name.text = track.number == 0 ? kind : QStringLiteral("%1 %2").arg(kind).arg(track.number + 1);
    if (isVideo && track.number >= firstLayer)
        name.text = ViewerWords::tr("Layer %1").arg(track.number - firstLayer + 1);
    name.isStrong = true;
    const QString declared =
        track.declaredFramesPerSecond > 0
            ? ViewerWords::tr("%1 declared").arg(format::framesPerSecond(track.declaredFramesPerSecond))
            : QString();
    const QString frames =
        isVideo ? known(track.framesPerSecond > 0, format::framesPerSecond(track.framesPerSecond)) : QString();
    const QString gop =
        isVideo ? known(track.gopFrames > 0, ViewerWords::tr("%n frame(s)", nullptr, track.gopFrames)) : QString();
    TableRow row;
    row.key = QStringLiteral("%1/%2").arg(isVideo ? "video" : "audio").arg(track.number);
    row.cells = {
        name,
        plain(known(!track.codec.empty(), text(track.codec)), text(track.profile)),
        plain(isVideo ? known(track.width > 0, QStringLiteral("%1 × %2").arg(track.width).arg(track.height))
                      : soundOf(track)),
        figure(frames, track.framesPerSecond, isVideo ? declared : QString()),
        figure(gop, track.gopFrames, isVideo && track.gopMs > 0 ? format::milliseconds(track.gopMs) : QString()),
        plain(!isVideo           ? QString()
              : track.hasBFrames ? ViewerWords::tr("yes")
                                 : ViewerWords::tr("none")),
        figure(known(track.bitsPerSecond > 0, format::rate(track.bitsPerSecond).joined()),
               static_cast<double>(track.bitsPerSecond))};
    return row;
}

}  // namespace

QString protocolName(const std::string& protocol)
{
    return protocol == "ws-flv" ? QStringLiteral("WebSocket-FLV") : text(protocol).toUpper();
}

QString viewerRowKey(const NodeId& node, std::uint64_t viewer)
{
    return QStringLiteral("%1/%2").arg(text(node.value)).arg(viewer);
}

std::vector<TableColumn> viewerColumns()
{
    return {{ViewerWords::tr("Viewer"), 190, ColumnAlign::Left, true},
            {ViewerWords::tr("Node"), 110, ColumnAlign::Left, false, 2},
            {ViewerWords::tr("Connected"), 88, ColumnAlign::Right},
            {ViewerWords::tr("Takes, Mbit/s"), 96, ColumnAlign::Right},
            {ViewerWords::tr("Lag"), 96, ColumnAlign::Right},
            {ViewerWords::tr("RTT, ms"), 70, ColumnAlign::Right, false, 3},
            {ViewerWords::tr("Skips"), 60, ColumnAlign::Right, false, 1}};
}

std::vector<TableRow> viewers(const std::map<NodeId, StreamDetails>& details, const Snapshot& snapshot)
{
    std::vector<std::pair<int, TableRow>> all;
    for (const auto& [node, of] : details)
        for (const StreamViewer& viewer : of.viewers)
            all.emplace_back(viewer.lagMs, viewerRow(node, viewer, snapshot));
    std::ranges::stable_sort(all, std::greater(), &std::pair<int, TableRow>::first);
    std::vector<TableRow> rows;
    for (auto& [lag, row] : all)
        rows.push_back(std::move(row));
    return rows;
}

std::vector<TableColumn> trackColumns()
{
    return {{ViewerWords::tr("Track"), 80},
            {ViewerWords::tr("Codec, profile"), 110, ColumnAlign::Left, true},
            {ViewerWords::tr("Format"), 116},
            {ViewerWords::tr("Frames per s"), 100, ColumnAlign::Right},
            {ViewerWords::tr("GOP"), 92, ColumnAlign::Right},
            {ViewerWords::tr("B-frames"), 76},
            {ViewerWords::tr("Bitrate"), 100, ColumnAlign::Right}};
}

std::vector<TableRow> tracks(const StreamDetails& details)
{
    std::vector<TableRow> rows;
    for (const StreamTrack& track : details.tracks)
        rows.push_back(trackRow(track));
    return rows;
}

}  // namespace headgate::rows
