#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate {

// What an expression is for decides what it may say and what it answers. The language is that of Stream Manager 2.0:
//   condition  = comparison joined by && and ||, negated by !
//   comparison = number < number, number > number
//   number     = + - * / over literals, parentheses and the names below
enum class ExpressionKind
{
    Scale,     // a condition over a pool: avg, count, max, min and sum of one metric of its nodes
    Capacity,  // a number over one node: its metrics, min(a, b), max(a, b)
    Shuffle    // a number over a pool: nodeCount, min(a, b), max(a, b)
};

enum class Operation
{
    Literal,
    Metric,  // of one node; nodeCount
    Average,
    Count,
    Maximum,
    Minimum,
    Sum,      // up to here: of the metric, over nodes
    Smaller,  // min(a, b)
    Larger,   // max(a, b)
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    Greater,
    Not,
    And,
    Or
};

// One node of the syntax tree.
struct Term
{
    Operation operation = Operation::Literal;
    double literal = 0;
    std::string metric;
    std::size_t left = 0;  // of Expression::terms(), if the operation has operands; the only one stands left
    std::size_t right = 0;
    std::size_t column = 1;  // where it begins in the text, in bytes
};

// A sound expression: every operand is of the type that its operation wants.
class Expression
{
public:
    static constexpr std::size_t maxLength = 4096;  // bytes
    static constexpr std::size_t maxTerms = 512;
    static constexpr int maxDepth = 64;  // of parentheses, calls and signs

    // InvalidArgument says at which column what was expected: "Column 5: a number is expected, and there is \")\"."
    // Whether anybody knows the metrics is another question; see checkMetrics().
    static Result<Expression> parse(std::string_view text, ExpressionKind kind);

    ExpressionKind kind() const { return m_kind; }
    const std::vector<Term>& terms() const { return m_terms; }  // operands before what uses them, so the root is last

    // With as few parentheses and as many spaces as it needs; parses to the same tree.
    std::string text() const;

    // Every metric it names, sorted, each once.
    std::vector<std::string> metrics() const;

    // The same tree, wherever it stood in its text.
    bool operator==(const Expression& other) const;

private:
    Expression(ExpressionKind kind, std::vector<Term> terms) : m_kind(kind), m_terms(std::move(terms)) {}

    ExpressionKind m_kind;
    std::vector<Term> m_terms;
};

// "avg", "+"; empty for literals and metrics.
std::string_view symbolOf(Operation operation);

bool isAggregate(Operation operation);
bool isCondition(Operation operation);
bool isUnary(Operation operation);

// The text of the expression, with `leaf` in place of literals, metrics and aggregates.
std::string textWith(const Expression& expression, const std::function<std::string(const Term&)>& leaf);

// The shortest text that reads back as the number: "0.1", "2000", "1e+300".
std::string plainNumber(double number);

}  // namespace headgate
