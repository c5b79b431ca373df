#include "core/base/check.h"
#include "core/expression/evaluation.h"
#include "core/expression/metric_names.h"
#include "tests/fuzz/fuzz_input.h"

#include <cmath>

using namespace headgate;

// What was read is written and read as the same, and evaluating it ends, with a finite number or a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    const auto kind = static_cast<ExpressionKind>(input.byte() % 3);
    const double first = input.byte();
    const auto expression = Expression::parse(input.text(), kind);
    if (!expression) {
        HG_CHECK(expression.error().message.starts_with("Column "));
        return 0;
    }
    const auto again = Expression::parse(expression->text(), kind);
    // Names get no longer, but blanks are put between the parts.
    HG_CHECK(again ? *again == *expression : expression->text().size() > Expression::maxLength);
    (void)checkMetrics(*expression);
    MetricTable metrics;
    double value = first;
    for (const std::string& name : expression->metrics())
        metrics[name].add(value++);
    const auto result = valueOf(*expression, metrics);
    HG_CHECK(result ? std::isfinite(*result) : !result.error().message.empty());
    HG_CHECK(!explain(*expression, metrics).empty());
    return 0;
}
