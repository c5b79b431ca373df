#include "core/base/check.h"
#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// A rule is written in a form that reads as the same, and its days ascend.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const auto rule = recurrenceFromText(input.text());
    if (!rule)
        return 0;
    const auto again = recurrenceFromText(toText(*rule));
    HG_CHECK(again.has_value());
    HG_CHECK(*again == *rule);
    const LocalDay start(std::chrono::year(2024) / 2 / 29);
    RecurrenceDays walk(*rule, start, start);
    LocalDay before = start - std::chrono::days(1);
    for (int i = 0; i < 20; ++i) {
        const auto day = walk.next();
        if (!day)
            break;
        HG_CHECK(*day > before);
        before = *day;
    }
    return 0;
}
