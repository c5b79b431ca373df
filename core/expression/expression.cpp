#include "core/expression/expression.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace headgate {

namespace {

// The higher, the tighter it binds.
int strengthOf(Operation operation)
{
    switch (operation) {
    case Operation::Or:
        return 1;
    case Operation::And:
        return 2;
    case Operation::Less:
    case Operation::Greater:
        return 3;
    case Operation::Add:
    case Operation::Subtract:
        return 4;
    case Operation::Multiply:
    case Operation::Divide:
        return 5;
    case Operation::Not:
    case Operation::Negate:
        return 6;
    default:
        return 7;
    }
}

class Printer
{
public:
    Printer(const std::vector<Term>& terms, const std::function<std::string(const Term&)>& leaf)
        : m_terms(terms), m_leaf(leaf)
    {}

    void print(std::size_t index, int weakest)
    {
        const Term& term = m_terms[index];
        const int strength = strengthOf(term.operation);
        const bool isWrapped = strength < weakest;
        m_text += isWrapped ? "(" : "";
        printPlain(term, strength);
        m_text += isWrapped ? ")" : "";
    }

    std::string take() { return std::move(m_text); }

private:
    void printPlain(const Term& term, int strength)
    {
        const std::string symbol(symbolOf(term.operation));
        if (term.operation == Operation::Smaller || term.operation == Operation::Larger) {
            m_text += symbol + "(";
            print(term.left, 0);
            m_text += ", ";
            print(term.right, 0);
            m_text += ")";
        } else if (isUnary(term.operation)) {
            m_text += symbol;
            print(term.left, strength);
        } else if (strength == 7) {
            m_text += m_leaf(term);
        } else {
            // What stands right of an operator of the same strength was in parentheses.
            print(term.left, strength);
            m_text += " " + symbol + " ";
            print(term.right, strength + 1);
        }
    }

    const std::vector<Term>& m_terms;
    const std::function<std::string(const Term&)>& m_leaf;
    std::string m_text;
};

std::string plainLeaf(const Term& term)
{
    if (term.operation == Operation::Literal)
        return plainNumber(term.literal);
    if (term.operation == Operation::Metric)
        return term.metric;
    return std::string(symbolOf(term.operation)) + "(" + term.metric + ")";
}

}  // namespace

std::string_view symbolOf(Operation operation)
{
    switch (operation) {
    case Operation::Literal:
    case Operation::Metric:
        return {};
    case Operation::Average:
        return "avg";
    case Operation::Count:
        return "count";
    case Operation::Maximum:
    case Operation::Larger:
        return "max";
    case Operation::Minimum:
    case Operation::Smaller:
        return "min";
    case Operation::Sum:
        return "sum";
    case Operation::Add:
        return "+";
    case Operation::Negate:
    case Operation::Subtract:
        return "-";
    case Operation::Multiply:
        return "*";
    case Operation::Divide:
        return "/";
    case Operation::Less:
        return "<";
    case Operation::Greater:
        return ">";
    case Operation::Not:
        return "!";
    case Operation::And:
        return "&&";
    case Operation::Or:
        return "||";
    }
    unreachable();
}

bool isAggregate(Operation operation)
{
    return operation >= Operation::Average && operation <= Operation::Sum;
}

bool isCondition(Operation operation)
{
    return operation >= Operation::Less;
}

bool isUnary(Operation operation)
{
    return operation == Operation::Negate || operation == Operation::Not;
}

std::string plainNumber(double number)
{
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
    HG_CHECK(end.ec == std::errc());
    return {text.data(), end.ptr};
}

std::string textWith(const Expression& expression, const std::function<std::string(const Term&)>& leaf)
{
    Printer printer(expression.terms(), leaf);
    printer.print(expression.terms().size() - 1, 0);
    return printer.take();
}

std::string Expression::text() const
{
    return textWith(*this, plainLeaf);
}

std::vector<std::string> Expression::metrics() const
{
    std::vector<std::string> names;
    for (const Term& term : m_terms) {
        if (!term.metric.empty())
            names.push_back(term.metric);
    }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
}

bool Expression::operator==(const Expression& other) const
{
    const auto isSame = [](const Term& a, const Term& b) {
        return a.operation == b.operation && a.literal == b.literal && a.metric == b.metric && a.left == b.left &&
               a.right == b.right;
    };
    return m_kind == other.m_kind && std::ranges::equal(m_terms, other.m_terms, isSame);
}

}  // namespace headgate
