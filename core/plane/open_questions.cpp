#include "core/plane/open_questions.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace headgate {

namespace {

constexpr std::size_t mostQuestions = 1000;
constexpr std::ptrdiff_t mostOfOneNode = 100;

}  // namespace

OpenQuestions::~OpenQuestions()
{
    giveUpWhere([](const Open&) { return true; },
                Error{ErrorCode::Unavailable, "The control plane is stopping.", "Try again after its start.", {}});
}

Result<node_protocol::ToNode> OpenQuestions::open(NodeQuestion question, Clock::time_point now)
{
    const auto ofNode =
        std::ranges::count_if(m_open, [&](const auto& entry) { return entry.second.node == question.node; });
    if (m_open.size() >= mostQuestions || ofNode >= mostOfOneNode) {
        const auto refusal = fail(ErrorCode::ResourceExhausted, "Too many questions to nodes are open.", "Try again.");
        question.done(refusal);
        return refusal;
    }
    const std::uint64_t number = ++m_lastNumber;
    const auto setNumber = [number](auto& message) {
        if constexpr (requires { message.question; })
            message.question = number;
    };
    std::visit(setNumber, question.message);
    m_open.emplace(number, Open{question.node, now + patience, std::move(question.done)});
    return std::move(question.message);
}

void OpenQuestions::answer(const NodeId& node, node_protocol::FromNode message)
{
    const auto numberOf = [](const auto& answer) -> std::uint64_t {
        if constexpr (requires { answer.question; })
            return answer.question;
        return 0;
    };
    const auto found = m_open.find(std::visit(numberOf, message));
    if (found == m_open.end() || found->second.node != node)
        return;
    const auto done = std::move(found->second.done);
    m_open.erase(found);
    done(std::move(message));
}

template <typename Which>
void OpenQuestions::giveUpWhere(Which which, const Error& why)
{
    std::vector<Open> over;
    std::erase_if(m_open, [&](auto& entry) {
        const bool isOver = which(entry.second);
        if (isOver)
            over.push_back(std::move(entry.second));
        return isOver;
    });
    for (const Open& question : over)
        question.done(tl::unexpected<Error>(why));
}

void OpenQuestions::giveUp(const NodeId& node, const Error& why)
{
    giveUpWhere([&](const Open& question) { return question.node == node; }, why);
}

void OpenQuestions::expire(Clock::time_point now)
{
    giveUpWhere([now](const Open& question) { return question.deadline <= now; },
                Error{ErrorCode::Unavailable,
                      "The node did not answer within 5 seconds.",
                      "Look at its state; it is replaced by itself if it has died.",
                      {}});
}

}  // namespace headgate
