#pragma once

#include "core/api/http_message.h"
#include "core/domain/snapshot.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// The jobs of a provision, in the order of its streams.
std::vector<const JobStatus*> jobsOfProvision(const Snapshot& snapshot, const NodeGroupName& group,
                                              const std::string& guid);

// Answers that wait for what becomes of jobs. They are looked at with each snapshot, of which there is one a second at
// least, so that no thread and no loop waits. Any thread.
class JobWaits
{
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most = 256;

    enum class Patience
    {
        Left,
        Over  // there has to be an answer now
    };
    using Look = std::function<std::optional<http::Response>(const Snapshot& snapshot, Patience patience)>;

    // False, and nothing is answered, if too many wait already.
    [[nodiscard]] bool add(const Snapshot& now, std::chrono::milliseconds longest, Look look, http::Reply reply);
    void publish(const Snapshot& snapshot);

private:
    struct Wait
    {
        Clock::time_point until;
        Look look;
        http::Reply reply;
    };

    std::mutex m_mutex;
    std::vector<Wait> m_waits;
};

}  // namespace headgate
