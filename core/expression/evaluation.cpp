#include "core/expression/evaluation.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace headgate {

namespace {

tl::unexpected<Error> undefined(std::string why)
{
    return fail(ErrorCode::Unavailable, std::move(why));
}

// None where it would take a node.
std::optional<double> aggregateOf(Operation operation, const MetricFigures& figures)
{
    switch (operation) {
    case Operation::Count:
        return static_cast<double>(figures.count);
    case Operation::Sum:
        return figures.sum;
    default:
        break;
    }
    if (figures.count == 0)
        return std::nullopt;
    switch (operation) {
    case Operation::Average:
        return figures.sum / static_cast<double>(figures.count);
    case Operation::Maximum:
        return figures.max;
    case Operation::Minimum:
        return figures.min;
    default:
        return figures.sum;
    }
}

// None for literals too.
std::optional<double> figureOf(const Term& term, const MetricTable& metrics)
{
    if (term.metric.empty())
        return std::nullopt;
    const auto known = metrics.find(term.metric);
    return known == metrics.end() ? std::nullopt : aggregateOf(term.operation, known->second);
}

class Evaluator
{
public:
    Evaluator(const Expression& expression, const MetricTable& metrics)
        : m_terms(expression.terms()), m_metrics(metrics)
    {}

    Result<double> value(std::size_t index) const
    {
        const Term& term = m_terms[index];
        if (term.operation == Operation::Literal)
            return term.literal;
        if (!term.metric.empty())
            return figure(term);
        const auto left = value(term.left);
        if (!left)
            return left;
        if (isUnary(term.operation))
            return term.operation == Operation::Negate ? -*left : static_cast<double>(*left == 0);
        if ((term.operation == Operation::And && *left == 0) || (term.operation == Operation::Or && *left != 0))
            return *left;
        const auto right = value(term.right);
        return right ? combined(term.operation, *left, *right) : right;
    }

private:
    Result<double> figure(const Term& term) const
    {
        const auto found = figureOf(term, m_metrics);
        if (!found)
            return undefined("There is no figure of " + term.metric + ".");
        return finite(*found, term.metric.c_str());
    }

    static Result<double> finite(double value, const char* what)
    {
        if (!std::isfinite(value))
            return undefined(std::string(what) + " is no finite number.");
        return value;
    }

    static Result<double> combined(Operation operation, double left, double right)
    {
        switch (operation) {
        case Operation::Add:
            return finite(left + right, "A sum");
        case Operation::Subtract:
            return finite(left - right, "A difference");
        case Operation::Multiply:
            return finite(left * right, "A product");
        case Operation::Divide:
            if (right == 0)
                return undefined("Something is divided by zero.");
            return finite(left / right, "A quotient");
        case Operation::Smaller:
            return std::min(left, right);
        case Operation::Larger:
            return std::max(left, right);
        case Operation::Less:
            return static_cast<double>(left < right);
        case Operation::Greater:
            return static_cast<double>(left > right);
        case Operation::And:
        case Operation::Or:
            return right;
        default:
            unreachable();
        }
    }

    const std::vector<Term>& m_terms;
    const MetricTable& m_metrics;
};

// With at most three digits behind the point, and commas between thousands.
std::string readable(double number)
{
    constexpr double tooLong = 1e15;
    if (number == 0)
        return "0";
    if (std::abs(number) >= tooLong || std::abs(number) < 0.001)
        return plainNumber(number);
    std::array<char, 32> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed, 3).ptr;
    std::string text(buffer.data(), end);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::size_t first = text.front() == '-' ? 1 : 0;
    for (std::size_t at = point; at > first + 3; at -= 3)
        text.insert(at - 3, ",");
    return text;
}

}  // namespace

void MetricFigures::add(double value)
{
    sum += value;
    min = count == 0 ? value : std::min(min, value);
    max = count == 0 ? value : std::max(max, value);
    ++count;
}

Result<double> valueOf(const Expression& expression, const MetricTable& metrics)
{
    return Evaluator(expression, metrics).value(expression.terms().size() - 1);
}

std::int32_t truncated(double value)
{
    constexpr auto lowest = std::numeric_limits<std::int32_t>::min();
    constexpr auto highest = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(value, double{lowest}, double{highest}));
}

std::string explain(const Expression& expression, const MetricTable& metrics)
{
    std::string text = textWith(expression, [&](const Term& term) {
        if (term.operation == Operation::Literal)
            return readable(term.literal);
        const auto figure = figureOf(term, metrics);
        const std::string name =
            isAggregate(term.operation) ? std::string(symbolOf(term.operation)) + "(" + term.metric + ")" : term.metric;
        return name + " " + (figure ? readable(*figure) : "?");
    });
    const auto value = valueOf(expression, metrics);
    if (!value)
        return text + " -> nothing: " + value.error().message;
    if (expression.kind() == ExpressionKind::Scale)
        return text + (*value != 0 ? " -> true" : " -> false");
    return text + " -> " + readable(*value);
}

}  // namespace headgate
