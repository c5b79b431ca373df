#pragma once

#include "core/domain/stream.h"

#include <functional>
#include <string>

namespace headgate {

// What became of a recording, for those who want to be told.
struct RecordingEvent
{
    enum class Kind
    {
        Started,
        Saved,    // or not, if there is an error
        Pictured  // it has a thumbnail
    };

    Kind kind = Kind::Started;
    StreamKey stream;
    std::string recording;    // its id
    std::string bucket{};     // of the store that has all of it; empty: it is on the disk
    std::string objectKey{};  // of its manifest there
    std::string error{};
};

// From any thread.
using TellRecording = std::function<void(const RecordingEvent& event)>;

}  // namespace headgate
