#include "core/provider/node_program.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace headgate {

namespace {

namespace fs = std::filesystem;

bool isProgram(const fs::path& path)
{
    std::error_code error;
    return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

std::string environmentValue(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Result<std::string> findNodeProgram()
{
    const std::string programName = "headgate-node";
    if (const std::string named = environmentValue("HEADGATE_NODE_PROGRAM"); !named.empty()) {
        if (isProgram(named))
            return fs::absolute(named).string();
        return fail(ErrorCode::NotFound, "HEADGATE_NODE_PROGRAM names " + named + ", which is no program.",
                    "Correct the variable or unset it.");
    }
    std::error_code error;
    const fs::path ownFolder = fs::read_symlink("/proc/self/exe", error).parent_path();
    if (!error && isProgram(ownFolder / programName))
        return (ownFolder / programName).string();
    std::istringstream folders(environmentValue("PATH"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (!folder.empty() && isProgram(fs::path(folder) / programName))
            return fs::absolute(fs::path(folder) / programName).string();
    }
    return fail(ErrorCode::NotFound,
                "The program " + programName + " is neither in " + ownFolder.string() + " nor along PATH.",
                "Install it there, or name it in the environment variable HEADGATE_NODE_PROGRAM.");
}

}  // namespace headgate
