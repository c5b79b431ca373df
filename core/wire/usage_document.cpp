#include "core/wire/usage_document.h"

#include "core/wire/json_reader.h"
#include "core/wire/json_writer.h"
#include "core/wire/native_image_fields.h"

#include <string>
#include <utility>
#include <vector>

namespace headgate::native {

namespace {

struct UsageLine
{
    UsageRow row;
    std::string day;
};

struct UsageLines
{
    std::vector<UsageLine> rows;
    TimePoint countedUntil;
};

void describe(auto& f, Either<UsageLine> auto& line)
{
    f.required("day", line.day);
    f.required("deployment", line.row.deployment);
    f.required("role", line.row.role);
    f.optional("instanceType", line.row.instanceType);
    f.required("nodeSeconds", line.row.nodeSeconds);
    f.required("bytesIn", line.row.bytesIn);
    f.required("bytesOut", line.row.bytesOut);
    f.required("bytesDelivered", line.row.bytesDelivered);
}

void describe(auto& f, Either<UsageLines> auto& lines)
{
    f.required("rows", lines.rows);
    f.instantOrNever("countedUntil", lines.countedUntil);
}

}  // namespace

Json toJson(const UsageReport& report)
{
    UsageLines lines;
    lines.countedUntil = report.countedUntil;
    for (const UsageRow& row : report.rows)
        lines.rows.push_back({row, dayText(row.day)});
    return Encode::value(lines);
}

Result<UsageReport> usageReportFromJson(const Json& json)
{
    auto lines = decodeDocument<UsageLines>(json);
    if (!lines)
        return tl::unexpected(std::move(lines.error()));
    UsageReport report{{}, lines->countedUntil};
    for (UsageLine& line : lines->rows) {
        const auto day = dayFromText(line.day);
        if (!day)
            return fail(ErrorCode::InvalidArgument, "\"" + line.day + "\" is no day.", "Write it like 2027-06-26.",
                        "/rows/" + std::to_string(report.rows.size()) + "/day");
        line.row.day = *day;
        report.rows.push_back(std::move(line.row));
    }
    return report;
}

}  // namespace headgate::native
