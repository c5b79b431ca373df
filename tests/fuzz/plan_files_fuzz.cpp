#include "core/base/check.h"
#include "core/wire/plan_export.h"
#include "core/wire/plan_import.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

namespace {

// UTC, a zone whose clocks change twice, and one of another offset; files are not for a fuzzer.
Result<ZoneRules> fewZones(const std::string& name)
{
    if (name == "UTC")
        return ZoneRules();
    if (name == "Asia/Kathmandu")
        return ZoneRules(name, seconds(20'700), {});
    if (name == "Europe/Berlin") {
        const auto at = [](unsigned month, unsigned day) {
            return Instant(
                std::chrono::sys_days(std::chrono::year(2026) / std::chrono::month(month) / std::chrono::day(day)) +
                std::chrono::hours(1));
        };
        return ZoneRules(name, seconds(3600), {{at(3, 29), seconds(7200)}, {at(10, 25), seconds(3600)}});
    }
    return fail(ErrorCode::NotFound, "There is no time zone \"" + name + "\".");
}

void comesBack(const PlanDocument& document, PlanFormat format)
{
    const Instant now(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1));
    const auto made = exportPlan(document, format, {fewZones, now, now, now + std::chrono::days(7)});
    HG_CHECK(made.has_value() || format == PlanFormat::Csv);
    if (format != PlanFormat::Native && format != PlanFormat::Calendar)
        return;
    const auto again = planDocumentFromText(made->text, {fewZones, NodeGroupName("calendar"), {}});
    // Written out it may be too large to be read.
    if (again || made->text.size() < tooLargePlan)
        HG_CHECK(again.has_value() && *again == document);
}

}  // namespace

// Native JSON, documents of Stream Manager and calendars: what is read is written in forms that read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const auto document = planDocumentFromText(input.text(), {fewZones, NodeGroupName("calendar"), {}});
    if (!document) {
        HG_CHECK(!document.error().message.empty());
        return 0;
    }
    comesBack(*document, PlanFormat::Native);
    comesBack(*document, PlanFormat::Calendar);
    comesBack(*document, PlanFormat::StreamManager);
    return 0;
}
