#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/node_image_record.h"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace headgate::bench {

struct NodeBenchOptions
{
    std::string nodeProgram;
    int kilobitsPerSecond = 1510;
    MergeWindowSetting mergeWindow;
    Duration longest{30'000};
};

// What stood in the way of more viewers.
enum class BenchLimit
{
    Node,     // its core was busy for four fifths of the time, or somebody waited for a second: this is the capacity
    Client,   // the load took more than nine tenths of its own core, or of what the node left of the only one
    Machine,  // others used the processors: the node or the load was ready and had to wait for one
    Files,    // no more connections are allowed to this process
    Time      // the time was over first
};

// So many viewers, measured for some seconds.
struct BenchStep
{
    int viewers = 0;
    double nodePercent = 0;  // of one core
    double clientPercent = 0;
    double bitsPerSecond = 0;  // that arrived
    double cpuSecondsPerGbit = 0;
    double waitPercent = 0;  // of the time, for a processor, node and client together
    int stalls = 0;          // silences of a second and more
    int missing = 0;         // viewers who got nothing or were cut off
    bool isCarried = false;  // by the node, with a fifth of the core left
};

struct NodeBenchResult
{
    CapacityMeasurement measurement;  // of the largest step that was carried; measuredAt is left to the caller
    BenchLimit limit = BenchLimit::Node;
    std::vector<BenchStep> steps;
};

struct NodeBenchProgress
{
    double share = 0;                 // of the time, 0 to 1
    int viewers = 0;                  // that are being tried
    const BenchStep* done = nullptr;  // the step that has just ended, if one has
};

// Runs the node beside the load, on cores of their own if there are two, on the calling thread. Unavailable if the node
// does not start, carries nobody, or `isCancelled` became true.
Result<NodeBenchResult> benchNode(const NodeBenchOptions& options,
                                  const std::function<void(const NodeBenchProgress&)>& onProgress,
                                  const std::atomic<bool>& isCancelled);

// The processor and the system, for people.
std::string machineText();

}  // namespace headgate::bench
