#pragma once

#include "core/base/result.h"
#include "core/domain/job.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace headgate {

enum class JobProtocol
{
    Rtmp,
    Rtsp,
    Srt,
    Hls,
    Files,
    MpegTs
};

// What one job is to do, as its provision says: "camParams": {"properties": {"type": ...}} of a stream, in the words of
// Stream Manager 2.0 (docs/jobs.md).
struct JobOrders
{
    static constexpr std::size_t mostFiles = 100;

    JobKind kind = JobKind::Source;
    JobProtocol protocol = JobProtocol::Rtmp;
    StreamKey stream;
    std::string url;                 // of the other side, with its secrets; without a host ("srt://:9000"): the node's
    std::vector<std::string> files;  // names below the folder of the node
    bool isLooped = false;           // files begin anew when they are over
    bool isListening = false;        // SRT: the other side calls
    bool hasAudio = true;
    bool hasVideo = true;
    bool isOverUdp = false;        // RTSP
    int latencyMs = 120;           // SRT
    std::string passphrase;        // SRT; empty: not encrypted
    std::string streamId;          // SRT, shown by a caller
    std::string interfaceAddress;  // of this machine, at which a multicast group is joined; empty: the system chooses
    int waitSeconds = 15;          // for the other side, before an attempt has failed
    int attempts = 0;              // so many in a row, then it has failed; 0: it never gives up
    int delaySeconds = 0;          // between attempts; 0: it grows from 1 s to 60 s

    bool operator==(const JobOrders&) const = default;
};

struct DocumentJob
{
    std::string id;
    JobKind kind = JobKind::Source;
    StreamKey stream;
    Result<JobOrders> orders;  // or why they are not understood
};

// The jobs of a provision's document: the first has the guid as its id, others "GUID#2", by their place in "streams".
// In a sealed document no orders are understood, but all else is.
std::vector<DocumentJob> jobsOf(const std::string& guid, std::string_view document);

// InvalidArgument with a pointer into the document if orders are not understood. A type that is not known is no
// mistake of the document: its job fails.
Result<void> checkJobs(std::string_view document);

nlohmann::json toJson(const JobOrders& orders);
Result<JobOrders> jobOrdersFromJson(const nlohmann::json& json);

}  // namespace headgate
