#pragma once

#include "core/media/rtmp/amf0.h"
#include "core/media/rtmp/chunk_stream.h"

#include <string>

namespace headgate::rtmp {

// A command message (RTMP 1.0, 7.2): name, transaction, then the command object and further arguments.
struct Command
{
    std::string name;
    double transaction = 0;
    std::vector<Amf0> arguments;  // [0] is the command object

    // Undefined if there are fewer.
    const Amf0& argument(std::size_t index) const;
    std::string text(std::size_t index) const { return argument(index).text().value_or(std::string()); }
};

// InvalidArgument if it is no command.
Result<Command> parseCommand(const Message& message);

Message makeCommand(const Command& command, std::uint32_t streamId);

// An information object of onStatus and of the answers to commands.
Amf0::Object makeStatus(std::string level, std::string code, std::string description);

// Of the status that tells a node that pulls: StreamSource::epoch.
constexpr const char* epochMember = "headgateEpoch";

// Of the status that tells it that it may ask for key frames, and how it does.
constexpr const char* keyFramesMember = "headgateKeyFrames";
constexpr const char* keyFrameCommand = "headgateKeyFrame";

// The same for the layers of the stream, for a while (Stream::wantLayers()).
constexpr const char* layersMember = "headgateLayers";
constexpr const char* layersCommand = "headgateLayers";

// Of the status that tells it that this node ends and will not be pulled from any more.
constexpr const char* turnedAwayCode = "NetConnection.Connect.AppShutdown";

}  // namespace headgate::rtmp
