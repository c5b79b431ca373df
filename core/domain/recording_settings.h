#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

enum class RecordingFormat
{
    Fmp4,
    Flv
};

// A store that speaks S3.
struct S3Settings
{
    std::string endpoint;  // "https://host:port"; empty: Amazon's, by the region
    std::string region = "us-east-1";
    std::string bucket;
    std::string prefix;  // of all object keys, "" or "folder/"
    std::string accessKey;
    std::string secretKey;     // sealed
    bool isPathStyle = true;   // the bucket in the path, not in the host name
    bool deletesLocal = true;  // what is uploaded leaves the node's disk

    bool operator==(const S3Settings&) const = default;
};

// What is kept of a group's streams. Obeyed by running nodes for streams that begin after it.
struct RecordingSettings
{
    static constexpr int shortestSegment = 1, longestSegment = 600;

    bool isOn = false;  // of every stream; otherwise of those whose provision asks for it
    RecordingFormat format = RecordingFormat::Fmp4;
    int segmentSeconds = 10;                // a segment ends at the first key frame after so long
    std::optional<std::int64_t> mostBytes;  // on one node's disk; the oldest recordings go first
    std::optional<int> mostHours;           // how old a recording grows, there and in the store
    std::optional<S3Settings> store;        // none: the node's disk only

    bool operator==(const RecordingSettings&) const = default;
};

// Puts change(secret, pointer) in the place of each secret that is not empty. Pointers are relative
// ("/store/secretKey").
void changeSecrets(RecordingSettings& settings,
                   const std::function<std::string(const std::string& secret, const char* pointer)>& change);

// All violations; pointers are relative to the settings.
std::vector<Error> validate(const RecordingSettings& settings);

}  // namespace headgate
