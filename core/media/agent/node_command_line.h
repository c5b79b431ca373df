#pragma once

#include "core/base/result.h"
#include "core/media/agent/media_node.h"
#include "core/media/net/log.h"

#include <string>
#include <vector>

namespace headgate {

struct NodeCommandLine
{
    MediaNodeOptions node;
    std::string credentialFile;
    std::string srtPassphraseFile;
    std::string role;
    std::string workingFolder;
    LogLevel logLevel = LogLevel::Info;
    bool isHelpWanted = false;
};

extern const char* const nodeUsage;

// InvalidArgument names the option that is wrong. Files are not read.
Result<NodeCommandLine> parseNodeCommandLine(const std::vector<std::string>& arguments);

}  // namespace headgate
