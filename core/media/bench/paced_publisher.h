#pragma once

#include "core/media/bench/load_client.h"
#include "core/media/bench/test_stream.h"

#include <cstdint>
#include <vector>

namespace headgate::bench {

// Publishes the test stream in real time. Each message says its number, from 1, and when it left.
class PacedPublisher
{
public:
    // The messages of one period must outlive this.
    explicit PacedPublisher(const std::vector<StreamMessage>& period) : m_period(&period) {}

    LoadClient& client() { return m_client; }
    const LoadClient& client() const { return m_client; }

    // What is due by now; nothing before the server has taken the publisher.
    void sendDue(std::uint64_t now);

    std::uint64_t sent() const { return m_sent; }
    std::uint64_t behind() const { return m_behind; }  // messages that the socket did not take at once

private:
    void sendOne(std::uint64_t dueNs, std::uint64_t now);

    const std::vector<StreamMessage>* m_period;
    LoadClient m_client;
    std::uint64_t m_firstNs = 0;  // when the first message was due
    std::uint64_t m_sent = 0;
    std::uint64_t m_behind = 0;
};

}  // namespace headgate::bench
