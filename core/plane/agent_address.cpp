#include "core/plane/agent_address.h"

#include "core/base/digest.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headgate {

Result<std::string> agentSocketPath(const std::string& dataDir)
{
    std::string direct = dataDir + "/agent.sock";
    if (direct.size() < sizeof(sockaddr_un::sun_path))
        return direct;
    const std::string folder =
        "/tmp/headgate-" + std::to_string(::geteuid()) + "-" + toHex(sha256(dataDir)).substr(0, 16);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(ErrorCode::Unavailable, folder + " cannot be made: " + std::strerror(errno) + ".",
                    "Choose a data directory with a shorter path.");
    struct stat facts = {};
    const bool isOurs = ::lstat(folder.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == ::geteuid() &&
                        (facts.st_mode & 077) == 0;
    if (!isOurs)
        return fail(ErrorCode::Unavailable, folder + " is not a directory that belongs to you alone.",
                    "Remove it, or choose a data directory with a shorter path.");
    return folder + "/agent.sock";
}

}  // namespace headgate
