#pragma once

#include "core/api/api_server.h"
#include "core/plane/engine_host.h"

#include <string>
#include <vector>

namespace headgate {

struct ServerCommandLine
{
    EngineHostOptions host;
    ApiOptions api;
    std::string passwordFile;
    std::string tokenSecretFile;
    std::string listen;           // as given
    std::string nodeListen;       // as given
    std::string certificateFile;  // for HTTPS, with keyFile; or both empty
    std::string keyFile;
    bool hasOwnAuthority = false;  // --tls
    bool stopsNodes = false;
};

extern const char* const serverUsage;

// `arguments` without the program's name. InvalidArgument or NotFound says what is wrong with them.
Result<ServerCommandLine> parseServerCommandLine(const std::vector<std::string>& arguments);

}  // namespace headgate
