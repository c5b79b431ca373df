#include "core/base/check.h"
#include "core/media/jobs/remux_orders.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// A provision's document, orders for headgate-remux and what that tells: whatever is understood comes back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const std::string text(input.text());
    bool isFlawed = false;
    for (const DocumentJob& job : jobsOf("guid", text)) {
        isFlawed = isFlawed || (!job.orders && job.orders.error().code == ErrorCode::InvalidArgument);
        if (!job.orders)
            continue;
        JobOrders orders = *job.orders;
        orders.attempts = orders.delaySeconds = 0;  // which the program is not told
        HG_CHECK(jobOrdersFromJson(toJson(orders)) == orders);
    }
    HG_CHECK(!isFlawed || !checkJobs(text));
    if (const auto orders = decodeRemuxOrders(text)) {
        const auto again = decodeRemuxOrders(encodeRemuxOrders(*orders));
        HG_CHECK(again.has_value() && again->job == orders->job && again->hubUrl == orders->hubUrl);
    }
    if (const auto status = decodeRemuxStatus(text))
        HG_CHECK(decodeRemuxStatus(encodeRemuxStatus(*status)) == *status);
    return 0;
}
