#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

template <typename T>
void checkDocument(const native::Json& json, Result<T> (*read)(const native::Json&))
{
    const Result<T> value = read(json);
    if (!value)
        return;
    const std::string text = native::write(native::toJson(*value));
    const auto parsed = native::parse(text);
    HG_CHECK(parsed.has_value());
    const Result<T> again = read(*parsed);
    HG_CHECK(again.has_value());
    HG_CHECK(native::write(native::toJson(*again)) == text);
}

void useAsChange(const native::Json& json)
{
    Snapshot empty;
    static_cast<void>(native::applyChange(empty, json));
}

}  // namespace

// The first byte chooses the document. What is read is written in a form that reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::uint8_t choice = input.byte();
    const auto json = native::parse(input.text());
    if (!json)
        return 0;
    switch (choice % 9) {
    case 0:
        checkDocument<NodeGroup>(*json, &native::nodeGroupFromJson);
        static_cast<void>(native::pointerInDocument(*json, "/subgroups/0/name"));
        break;
    case 1:
        checkDocument<Node>(*json, &native::nodeFromJson);
        break;
    case 2:
        checkDocument<StreamReport>(*json, &native::streamReportFromJson);
        break;
    case 3:
        checkDocument<AuditRecord>(*json, &native::auditRecordFromJson);
        break;
    case 4:
        checkDocument<Snapshot>(*json, &native::snapshotFromJson);
        break;
    case 5:
        checkDocument<CommandOutcome>(*json, &native::commandOutcomeFromJson);
        break;
    case 6:
        checkDocument<MetricSeries>(*json, &native::metricSeriesFromJson);
        break;
    case 7:
        checkDocument<RouteTarget>(*json, &native::routeTargetFromJson);
        break;
    default:
        useAsChange(*json);
        static_cast<void>(native::errorFromProblem(*json, 400));
        HG_CHECK(native::difference(*json, *json).empty());
    }
    return 0;
}
