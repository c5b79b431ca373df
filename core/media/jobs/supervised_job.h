#pragma once

#include "core/base/random.h"
#include "core/domain/node.h"
#include "core/media/hub/session_gate.h"
#include "core/media/jobs/remux_orders.h"
#include "core/media/net/child_process.h"
#include "core/media/net/connection.h"
#include "core/media/net/log.h"
#include "core/media/relay/relay.h"

#include <memory>
#include <optional>
#include <string>

namespace headgate {

struct JobContext
{
    EventLoop& loop;
    Hub& hub;
    Relay& relay;
    SessionGate& gate;
    const Log& log;
    NodeEndpoints endpoints;  // of this node
    std::string program;      // the path of headgate-remux; empty: there is none
    std::string folder;       // of files; empty: there are none
};

// One job with the process that does it: tries again with growing pauses, and gives up where that is of no use.
// Belongs to the main loop's thread.
class SupervisedJob final : private ConnectionOwner
{
public:
    SupervisedJob(const JobContext& context, DocumentJob job, std::uint64_t seed);
    ~SupervisedJob() override;  // its process is killed, and what it publishes breaks off

    // To be called about twice a second.
    void tick();

    // What it publishes is over; so is it, once isOver().
    void finish();
    bool isOver() const { return !m_connection; }

    bool isOf(const DocumentJob& job) const;
    const JobReport& report() const { return m_report; }

private:
    void bytesReceived(ByteView bytes) override;
    void connectionEnded(std::string_view reason) override;

    bool isStreamLive() const;
    void begin();
    RemuxOrders ordersHere();
    void take(const RemuxStatus& status);
    void attemptEnded(const RemuxStatus& status);
    void letGo();
    void send(std::string_view line);
    void setState(JobState state, std::string reason);

    const JobContext& m_context;
    DocumentJob m_job;
    Random m_random;
    JobReport m_report;
    std::unique_ptr<ChildProcess> m_process;
    std::unique_ptr<Connection> m_connection;
    std::string m_received;
    std::string m_pass;
    bool m_isFinishing = false;
    int m_failures = 0;                          // in a row
    std::optional<MonotonicTime> m_nextAttempt;  // none: not by itself
    std::optional<MonotonicTime> m_liveSince;
    MonotonicTime m_measuredAt;
    std::int64_t m_measuredBytes = 0;
};

}  // namespace headgate
