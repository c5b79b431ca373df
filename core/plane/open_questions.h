#pragma once

#include "core/wire/node_protocol.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

namespace headgate {

// AskStream or AskThumbnail for one node; its number is given when it is sent.
struct NodeQuestion
{
    NodeId node;
    node_protocol::ToNode message;
    std::function<void(Result<node_protocol::FromNode>)> done;  // called once
};

// The questions that wait for a node's answer, at most 1,000 and 100 to one node. Belongs to one thread.
class OpenQuestions
{
public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds patience{5};

    OpenQuestions() = default;
    ~OpenQuestions();
    OpenQuestions(const OpenQuestions&) = delete;
    OpenQuestions& operator=(const OpenQuestions&) = delete;

    // The message to send, with its number; ResourceExhausted if too many are open, and `question` was answered so.
    Result<node_protocol::ToNode> open(NodeQuestion question, Clock::time_point now);

    // Left alone if it answers no open question to that node.
    void answer(const NodeId& node, node_protocol::FromNode message);

    void giveUp(const NodeId& node, const Error& why);
    void expire(Clock::time_point now);

private:
    struct Open
    {
        NodeId node;
        Clock::time_point deadline;
        std::function<void(Result<node_protocol::FromNode>)> done;
    };

    template <typename Which>
    void giveUpWhere(Which which, const Error& why);

    std::map<std::uint64_t, Open> m_open;  // by number
    // Starts where no earlier process has been: a node may still answer what that one asked.
    std::uint64_t m_lastNumber = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                                                std::chrono::system_clock::now().time_since_epoch())
                                                                .count())
                                 << 20;
};

}  // namespace headgate
