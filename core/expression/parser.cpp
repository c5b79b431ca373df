#include "core/expression/expression.h"

#include <charconv>
#include <optional>

namespace headgate {

namespace {

enum class TokenKind
{
    Number,
    Name,
    Symbol,
    End
};

struct Token
{
    TokenKind kind = TokenKind::End;
    std::string_view text;
    std::size_t column = 1;
    double number = 0;
};

tl::unexpected<Error> wrongAt(std::size_t column, const std::string& what, std::string remedy = {})
{
    return fail(ErrorCode::InvalidArgument, "Column " + std::to_string(column) + ": " + what, std::move(remedy));
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isNameCharacter(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Cuts the text into tokens, one ahead of the parser.
class Lexer
{
public:
    explicit Lexer(std::string_view text) : m_text(text) {}

    Result<Token> next()
    {
        while (m_at < m_text.size() && isBlank(m_text[m_at]))
            ++m_at;
        if (m_at == m_text.size())
            return take(TokenKind::End, 0);
        const char c = m_text[m_at];
        if (isDigit(c) || c == '.')
            return number();
        if (isNameCharacter(c))
            return name();
        return symbol();
    }

private:
    Token take(TokenKind kind, std::size_t length)
    {
        const Token token{kind, m_text.substr(m_at, length), m_at + 1, 0};
        m_at += length;
        return token;
    }

    Result<Token> number()
    {
        double value = 0;
        const char* begin = m_text.data() + m_at;
        const char* end = m_text.data() + m_text.size();
        const auto read = std::from_chars(begin, end, value);
        if (read.ec == std::errc::result_out_of_range)
            return wrongAt(m_at + 1, "this number is out of range.");
        if (read.ec != std::errc() || (read.ptr != end && isNameCharacter(*read.ptr)))
            return wrongAt(m_at + 1, "this is no number.", "Write numbers like 20 or 0.75.");
        Token token = take(TokenKind::Number, static_cast<std::size_t>(read.ptr - begin));
        token.number = value;
        return token;
    }

    Result<Token> name()
    {
        std::size_t length = 1;
        while (m_at + length < m_text.size() && isNameCharacter(m_text[m_at + length]))
            ++length;
        return take(TokenKind::Name, length);
    }

    Result<Token> symbol()
    {
        constexpr std::string_view single = "+-*/()<>!,";
        const char c = m_text[m_at];
        const bool isDoubled = m_at + 1 < m_text.size() && m_text[m_at + 1] == c;
        if ((c == '&' || c == '|') && isDoubled)
            return take(TokenKind::Symbol, 2);
        if (c == '&' || c == '|')
            return wrongAt(m_at + 1, std::string("\"") + c + "\" stands alone.",
                           std::string("Conditions are joined by \"") + c + c + "\".");
        const bool isBeforeEquals = m_at + 1 < m_text.size() && m_text[m_at + 1] == '=';
        if (c == '=' || (isBeforeEquals && (c == '<' || c == '>' || c == '!')))
            return wrongAt(m_at + 1, "there are no comparisons with \"=\".",
                           "Compare with < or >; !(a > b) says that a is b at most.");
        if (single.find(c) != std::string_view::npos)
            return take(TokenKind::Symbol, 1);
        const bool isShown = c > ' ' && c < 0x7f;
        return wrongAt(m_at + 1, (isShown ? std::string("\"") + c + "\"" : std::string("this character")) +
                                     " has no meaning in an expression.");
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

struct Function
{
    std::string_view name;
    Operation aggregate;
    std::optional<Operation> ofTwo;
};

constexpr Function functions[] = {{"avg", Operation::Average, {}},
                                  {"count", Operation::Count, {}},
                                  {"max", Operation::Maximum, Operation::Larger},
                                  {"min", Operation::Minimum, Operation::Smaller},
                                  {"sum", Operation::Sum, {}}};

const Function* findFunction(std::string_view name)
{
    for (const Function& function : functions) {
        if (function.name == name)
            return &function;
    }
    return nullptr;
}

struct InfixOperator
{
    std::string_view symbol;
    Operation operation;
    int strength;
};

constexpr InfixOperator infixOperators[] = {{"||", Operation::Or, 1},      {"&&", Operation::And, 2},
                                            {"<", Operation::Less, 3},     {">", Operation::Greater, 3},
                                            {"+", Operation::Add, 4},      {"-", Operation::Subtract, 4},
                                            {"*", Operation::Multiply, 5}, {"/", Operation::Divide, 5}};
constexpr int comparing = 3;

const InfixOperator* findInfix(const Token& token)
{
    for (const InfixOperator& each : infixOperators) {
        if (token.kind == TokenKind::Symbol && token.text == each.symbol)
            return &each;
    }
    return nullptr;
}

enum class Type
{
    Number,
    Condition
};

std::string nameOf(Type type)
{
    return type == Type::Number ? "a number" : "a condition";
}

// Of the operands of an operator.
Type wantedBy(Operation operation)
{
    const bool isLogical = operation == Operation::And || operation == Operation::Or || operation == Operation::Not;
    return isLogical ? Type::Condition : Type::Number;
}

std::string shown(const Token& token)
{
    return token.kind == TokenKind::End ? "the expression ends" : "there is \"" + std::string(token.text) + "\"";
}

// Precedence climbing; each function answers the index of the term it added last.
class Parser
{
public:
    Parser(std::string_view text, ExpressionKind kind) : m_lexer(text), m_kind(kind) {}

    Result<std::vector<Term>> run()
    {
        if (auto first = advance(); !first)
            return tl::unexpected(first.error());
        const auto root = operand(m_kind == ExpressionKind::Scale ? Type::Condition : Type::Number, 1);
        if (!root)
            return tl::unexpected(root.error());
        if (m_token.kind != TokenKind::End)
            return wrongAt(m_token.column, "an operator is expected, and " + shown(m_token) + ".");
        return std::move(m_terms);
    }

private:
    using Index = Result<std::size_t>;

    Result<void> advance()
    {
        auto token = m_lexer.next();
        if (!token)
            return tl::unexpected(token.error());
        m_token = *token;
        return {};
    }

    bool isAt(std::string_view symbol) const { return m_token.kind == TokenKind::Symbol && m_token.text == symbol; }

    Result<void> expect(std::string_view symbol)
    {
        if (!isAt(symbol))
            return wrongAt(m_token.column, "\"" + std::string(symbol) + "\" is expected, and " + shown(m_token) + ".");
        return advance();
    }

    Index add(Term term)
    {
        if (m_terms.size() == Expression::maxTerms)
            return wrongAt(term.column,
                           "the expression has more than " + std::to_string(Expression::maxTerms) + " parts.");
        m_terms.push_back(std::move(term));
        return m_terms.size() - 1;
    }

    Type typeOf(std::size_t index) const
    {
        return isCondition(m_terms[index].operation) ? Type::Condition : Type::Number;
    }

    Result<void> require(std::size_t index, Type type) const
    {
        if (typeOf(index) == type)
            return {};
        return wrongAt(m_terms[index].column,
                       nameOf(type) + " is expected, and here begins " + nameOf(typeOf(index)) + ".",
                       type == Type::Condition ? "Compare it with < or >." : "");
    }

    Index operand(Type type, int weakest)
    {
        auto index = infix(weakest);
        if (index) {
            if (auto fits = require(*index, type); !fits)
                return tl::unexpected(fits.error());
        }
        return index;
    }

    Index infix(int weakest)
    {
        auto left = prefix();
        bool isCompared = false;
        while (left) {
            const InfixOperator* found = findInfix(m_token);
            if (!found || found->strength < weakest)
                return left;
            if (isCompared && found->strength == comparing)
                return wrongAt(m_token.column, "comparisons cannot be chained.", "Join two of them by &&.");
            isCompared = found->strength == comparing;
            const Type type = wantedBy(found->operation);
            if (auto fits = require(*left, type); !fits)
                return tl::unexpected(fits.error());
            if (auto next = advance(); !next)
                return tl::unexpected(next.error());
            const auto right = operand(type, found->strength + 1);
            if (!right)
                return right;
            left = add({found->operation, 0, {}, *left, *right, m_terms[*left].column});
        }
        return left;
    }

    Index prefix()
    {
        if (m_depth == Expression::maxDepth)
            return wrongAt(m_token.column,
                           "the expression is nested deeper than " + std::to_string(Expression::maxDepth) + ".");
        ++m_depth;
        auto index = isAt("-") || isAt("!") ? sign() : primary();
        --m_depth;
        return index;
    }

    Index sign()
    {
        const std::size_t column = m_token.column;
        const Operation operation = isAt("-") ? Operation::Negate : Operation::Not;
        if (auto next = advance(); !next)
            return tl::unexpected(next.error());
        const auto index = prefix();
        if (!index)
            return index;
        if (auto fits = require(*index, wantedBy(operation)); !fits)
            return tl::unexpected(fits.error());
        return add({operation, 0, {}, *index, 0, column});
    }

    Index primary()
    {
        const Token token = m_token;
        if (token.kind == TokenKind::End || (token.kind == TokenKind::Symbol && token.text != "("))
            return wrongAt(token.column, "a number, a name or \"(\" is expected, and " + shown(token) + ".");
        if (auto next = advance(); !next)
            return tl::unexpected(next.error());
        if (token.kind == TokenKind::Number)
            return add({Operation::Literal, token.number, {}, 0, 0, token.column});
        if (token.kind == TokenKind::Name)
            return isAt("(") ? call(token) : metric(token);
        auto inner = infix(1);
        if (!inner)
            return inner;
        if (auto closed = expect(")"); !closed)
            return tl::unexpected(closed.error());
        return inner;
    }

    Index metric(const Token& token)
    {
        if (findFunction(token.text))
            return wrongAt(m_token.column,
                           "\"(\" is expected after " + std::string(token.text) + ", and " + shown(m_token) + ".");
        if (m_kind == ExpressionKind::Scale)
            return wrongAt(token.column, "the metric " + std::string(token.text) + " has a figure for each node.",
                           "Write avg(...), count(...), max(...), min(...) or sum(...) around it.");
        if (m_kind == ExpressionKind::Shuffle && token.text != "nodeCount")
            return wrongAt(token.column, "nodeCount is expected, and " + shown(token) + ".");
        return add({Operation::Metric, 0, std::string(token.text), 0, 0, token.column});
    }

    // At the parenthesis after the name.
    Index call(const Token& name)
    {
        const Function* function = findFunction(name.text);
        const bool isScale = m_kind == ExpressionKind::Scale;
        if (!function || (!isScale && !function->ofTwo))
            return wrongAt(name.column, "there is no function " + std::string(name.text) + " here.",
                           isScale ? "Use avg, count, max, min or sum." : "Use max or min.");
        if (auto next = advance(); !next)
            return tl::unexpected(next.error());
        return isScale ? aggregate(name, *function) : ofTwo(name, *function);
    }

    Index aggregate(const Token& name, const Function& function)
    {
        const Token inner = m_token;
        if (inner.kind != TokenKind::Name)
            return wrongAt(inner.column, "the name of a metric is expected, and " + shown(inner) + ".");
        if (auto next = advance(); !next)
            return tl::unexpected(next.error());
        if (auto closed = expect(")"); !closed)
            return tl::unexpected(closed.error());
        return add({function.aggregate, 0, std::string(inner.text), 0, 0, name.column});
    }

    Index ofTwo(const Token& name, const Function& function)
    {
        const auto left = operand(Type::Number, 1);
        if (!left)
            return left;
        if (auto comma = expect(","); !comma)
            return tl::unexpected(comma.error());
        const auto right = operand(Type::Number, 1);
        if (!right)
            return right;
        if (auto closed = expect(")"); !closed)
            return tl::unexpected(closed.error());
        return add({*function.ofTwo, 0, {}, *left, *right, name.column});
    }

    Lexer m_lexer;
    ExpressionKind m_kind;
    Token m_token;
    std::vector<Term> m_terms;
    int m_depth = 0;
};

}  // namespace

Result<Expression> Expression::parse(std::string_view text, ExpressionKind kind)
{
    if (text.size() > maxLength)
        return wrongAt(maxLength + 1,
                       "the expression goes on; " + std::to_string(maxLength) + " characters are the most.");
    auto terms = Parser(text, kind).run();
    if (!terms)
        return tl::unexpected(terms.error());
    return Expression(kind, std::move(*terms));
}

}  // namespace headgate
