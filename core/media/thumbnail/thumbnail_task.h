#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <optional>
#include <string>

namespace headgate {

// Where the helper process finds the node.
constexpr int thumbnailDescriptor = 3;

// What a thumbnail is made of, and how the node and its helper process say it to each other: a 4-byte length, then that
// many bytes.
struct ThumbnailTask
{
    std::string codec;    // as describeVideoBody() names them
    Bytes configuration;  // may be empty
    Bytes keyFrame;       // at most mostBytes with the configuration
    int width = 0;

    static constexpr std::size_t mostBytes = 4 * 1024 * 1024;
    static constexpr std::size_t mostPictureBytes = 512 * 1024;

    bool operator==(const ThumbnailTask&) const = default;
};

// Without the length.
Bytes encodeTask(const ThumbnailTask& task);
std::optional<ThumbnailTask> decodeTask(ByteView bytes);

// A JPEG, or why there is none.
Bytes encodeOutcome(const Result<Bytes>& outcome);
Result<Bytes> decodeOutcome(ByteView bytes);

}  // namespace headgate
