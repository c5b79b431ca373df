#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/stream.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

// What a node does for a stream beside serving it.
enum class JobKind
{
    Source,    // pulls media from elsewhere and publishes it here
    Push,      // sends a stream elsewhere
    Recording  // writes a stream to storage
};

enum class JobState
{
    Waiting,   // for its stream, or for who is to connect
    Live,      // media flows
    Retrying,  // failed, and will try again by itself
    Failed,    // has given up
    Ended      // did all it had to do
};

// One job as the node that runs it tells it. Figures begin anew with each attempt.
struct JobReport
{
    std::string id;  // of a provision its guid, of another job one that the node made; unique in its group
    JobKind kind = JobKind::Source;
    JobState state = JobState::Waiting;
    StreamKey stream;
    std::string target;  // where from or where to, without secrets
    std::string reason;  // why it waits, tries again or has failed, one sentence; empty if it is Live
    TimePoint since;     // of the state
    int attempts = 0;    // from 1; since it was Live last
    std::int64_t bytes = 0;
    std::int64_t bitsPerSecond = 0;

    bool operator==(const JobReport&) const = default;
};

struct JobStatus
{
    NodeGroupName nodeGroup;
    NodeId node;  // empty: no node runs it now
    JobReport report;

    bool operator==(const JobStatus&) const = default;
};

}  // namespace headgate
