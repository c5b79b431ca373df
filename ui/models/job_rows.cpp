#include "ui/models/job_rows.h"

#include "ui/models/cells.h"

#include <QCoreApplication>

namespace headgate {

namespace {

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

}  // namespace

format::StatusWord format::jobState(JobState value)
{
    switch (value) {
    case JobState::Waiting:
        return {Status::Pending, words("Waiting")};
    case JobState::Live:
        return {Status::Ok, words("Live")};
    case JobState::Retrying:
        return {Status::Warning, words("Trying again")};
    case JobState::Failed:
        return {Status::Critical, words("Failed")};
    case JobState::Ended:
        return {Status::Off, words("Ended")};
    }
    return {};
}

QString format::jobKind(JobKind value)
{
    switch (value) {
    case JobKind::Source:
        return words("Source");
    case JobKind::Push:
        return words("Push");
    case JobKind::Recording:
        return words("Recording");
    }
    return {};
}

namespace rows {

namespace {

using format::text;

Cell named(const QString& name, const QString& second, Status status)
{
    Cell cell;
    cell.text = name;
    cell.second = second;
    cell.glyph = status;
    cell.isStrong = true;
    return cell;
}

Cell mono(const QString& value)
{
    Cell cell = plain(value.isEmpty() ? format::unknown() : value);
    cell.isMono = !value.isEmpty();
    return cell;
}

Cell momentCell(TimePoint at, const QString& second = {})
{
    const bool isKnown = at != TimePoint();
    Cell cell = plain(isKnown ? format::dateClock(at) : format::unknown());
    cell.second = second;
    cell.sort = static_cast<qlonglong>(toEpochMs(at));
    return cell;
}

}  // namespace

QString jobKey(const JobStatus& job)
{
    return text(job.nodeGroup.value + '/' + job.report.id);
}

std::vector<TableColumn> jobColumns()
{
    return {{words("Stream"), 200, ColumnAlign::Left, true},  {words("Kind"), 84},
            {words("State"), 230, ColumnAlign::Left, true},   {words("From or to"), 240, ColumnAlign::Left, true, 3},
            {words("Mbit/s"), 72, ColumnAlign::Right},        {words("Since"), 90, ColumnAlign::Right, false, 1},
            {words("Node"), 110, ColumnAlign::Left, false, 2}};
}

std::vector<TableRow> jobs(const Snapshot& snapshot)
{
    std::vector<TableRow> all;
    for (const JobStatus& job : snapshot.jobs) {
        const JobReport& report = job.report;
        const format::StatusWord state = format::jobState(report.state);
        const bool flows = report.state == JobState::Live;
        const bool isTold = report.since != TimePoint();
        Cell how = plain(state.word, flows ? TextTone::Primary : TextTone::Secondary);
        how.second = text(report.reason);
        how.sort = format::urgency(state.status);
        TableRow row;
        row.key = jobKey(job);
        row.cells = {named(text(report.stream.path()), text(job.nodeGroup.value), state.status),
                     plain(format::jobKind(report.kind)),
                     how,
                     mono(text(report.target)),
                     figure(flows ? format::megabits(report.bitsPerSecond) : format::unknown(),
                            static_cast<qlonglong>(report.bitsPerSecond)),
                     figure(isTold ? format::duration(snapshot.takenAt - report.since) : format::unknown(),
                            static_cast<qlonglong>(isTold ? (snapshot.takenAt - report.since).count() : 0)),
                     plain(job.node.value.empty() ? words("none") : text(job.node.value))};
        row.search = text(report.id);
        row.facets << "kind:" + format::jobKind(report.kind) << "state:" + state.word
                   << "group:" + text(job.nodeGroup.value);
        if (state.status == Status::Critical || state.status == Status::Warning)
            row.facets << QStringLiteral("unwell:yes");
        row.isQuiet = state.status == Status::Off;
        all.push_back(std::move(row));
    }
    return all;
}

QString provisionKey(const ProvisionKey& key)
{
    return text(key.nodeGroup.value + '/' + key.guid);
}

QString provisionKind(ProvisionKind kind)
{
    switch (kind) {
    case ProvisionKind::Source:
        return format::jobKind(JobKind::Source);
    case ProvisionKind::Push:
        return format::jobKind(JobKind::Push);
    case ProvisionKind::Recording:
        return format::jobKind(JobKind::Recording);
    case ProvisionKind::Other:
        return words("Other");
    }
    return {};
}

QString provisionStreams(const Provision& provision)
{
    QStringList names;
    for (const StreamKey& stream : provision.streams)
        names << text(stream.path());
    return names.join(QStringLiteral(", "));
}

std::vector<TableColumn> provisionColumns()
{
    return {{words("Provision"), 200, ColumnAlign::Left, true}, {words("Kind"), 84},
            {words("Streams"), 150, ColumnAlign::Left, true},   {words("From or to"), 240, ColumnAlign::Left, true, 3},
            {words("State"), 150, ColumnAlign::Left, false, 1}, {words("Changed"), 230, ColumnAlign::Left, false, 2}};
}

std::vector<TableRow> provisions(const StoredProvisions& all)
{
    std::vector<TableRow> rows;
    for (const StoredProvision& stored : all) {
        const native::Json document = native::Json::parse(stored.provision.document, nullptr, false);
        const QString kind = provisionKind(kindOf(document));
        const bool isOut = stored.distributedAt.has_value();
        // A Stream Manager 2.0 tells neither this nor who made it when.
        const bool isTold = stored.createdAt != TimePoint();
        const QString word = isOut ? words("Distributed") : isTold ? words("Stored") : format::unknown();
        Cell state = plain(word);
        if (isOut)
            state.second = words("since %1").arg(format::clock(*stored.distributedAt));
        TableRow row;
        row.key = provisionKey(stored.key());
        row.cells = {named(text(stored.provision.guid), text(stored.nodeGroup.value), isOut ? Status::Ok : Status::Off),
                     plain(kind),
                     plain(provisionStreams(stored.provision)),
                     mono(text(targetOf(document))),
                     state,
                     momentCell(stored.updatedAt,
                                stored.updatedBy.empty() ? QString() : words("by %1").arg(text(stored.updatedBy)))};
        row.facets << "group:" + text(stored.nodeGroup.value) << "kind:" + kind << "state:" + word;
        rows.push_back(std::move(row));
    }
    return rows;
}

QString recordingKey(const Recording& recording)
{
    return text(recording.nodeGroup.value + '/' + recording.id);
}

QString recordingPlace(const Recording& recording)
{
    return recording.place == "store" ? words("Cloud store") : words("Node's disk");
}

std::vector<TableColumn> recordingColumns()
{
    return {{words("Stream"), 240, ColumnAlign::Left, true},
            {words("State"), 130},
            {words("Began"), 230},
            {words("Length"), 100, ColumnAlign::Right},
            {words("Size"), 90, ColumnAlign::Right},
            {words("Kept in"), 120, ColumnAlign::Left, false, 1}};
}

std::vector<TableRow> recordings(const std::vector<Recording>& all)
{
    std::vector<TableRow> rows;
    for (const Recording& recording : all) {
        const QString state = recording.isComplete ? words("Complete") : words("Not complete");
        TableRow row;
        row.key = recordingKey(recording);
        row.cells = {named(text(recording.stream.path()), text(recording.nodeGroup.value),
                           recording.isComplete ? Status::Ok : Status::Pending),
                     plain(state),
                     momentCell(recording.startedAt),
                     figure(format::duration(recording.length), static_cast<qlonglong>(recording.length.count())),
                     figure(format::bytes(recording.bytes), static_cast<qlonglong>(recording.bytes)),
                     plain(recordingPlace(recording))};
        row.search = text(recording.id);
        row.facets << "state:" + state << "place:" + recordingPlace(recording);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace rows

}  // namespace headgate
