#include "core/base/check.h"
#include "core/plan/cron_recurrence.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// What an expression says forwards it says backwards, and a recurrence that means the same names the same days.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const auto cron = CronExpression::parse(input.text());
    if (!cron)
        return 0;
    HG_CHECK(CronExpression::parse(cron->text()).has_value());
    const LocalTime start(LocalDay(std::chrono::year(2026) / 2 / 27));
    const auto due = cron->atOrAfter(start);
    if (due) {
        HG_CHECK(*due >= start && cron->matchesDay(dayOf(*due)));
        HG_CHECK(cron->atOrBefore(*due) == due);
        const auto next = cron->atOrAfter(*due + seconds(1));
        HG_CHECK(!next || *next - *due >= seconds(60));
    }
    if (const auto recurrence = recurrenceOf(*cron)) {
        CalendarTiming timing;
        timing.start = start + recurrence->clock;
        timing.rule = recurrence->rule;
        const auto same = cronOf(timing);
        HG_CHECK(!same || same->atOrAfter(start) == due);
    }
    return 0;
}
