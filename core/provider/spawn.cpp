#include "core/provider/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace headgate {

namespace {

// Owns what posix_spawn(3) wants to know.
class SpawnPlan
{
public:
    explicit SpawnPlan(const std::string& logFile)
    {
        ::posix_spawn_file_actions_init(&m_actions);
        ::posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&m_actions, STDOUT_FILENO, logFile.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                           0600);
        ::posix_spawn_file_actions_adddup2(&m_actions, STDOUT_FILENO, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&m_actions, STDERR_FILENO + 1);
        ::posix_spawn_file_actions_addchdir_np(&m_actions, "/");

        ::posix_spawnattr_init(&m_attributes);
        sigset_t none;
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigmask(&m_attributes, &none);
        sigset_t all;
        ::sigfillset(&all);
        ::posix_spawnattr_setsigdefault(&m_attributes, &all);
        ::posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnPlan()
    {
        ::posix_spawnattr_destroy(&m_attributes);
        ::posix_spawn_file_actions_destroy(&m_actions);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    int run(const std::string& path, char* const* arguments, pid_t& pid) const
    {
        return ::posix_spawn(&pid, path.c_str(), &m_actions, &m_attributes, arguments, environ);
    }

private:
    posix_spawn_file_actions_t m_actions = {};
    posix_spawnattr_t m_attributes = {};
};

}  // namespace

Result<ProcessIdentity> spawnDetached(const Program& program)
{
    std::vector<std::string> words = {program.path};
    words.insert(words.end(), program.arguments.begin(), program.arguments.end());
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);

    pid_t pid = 0;
    const int error = SpawnPlan(program.logFile).run(program.path, arguments.data(), pid);
    if (error != 0)
        return fail(ErrorCode::Unavailable, program.path + " could not be started: " + std::strerror(error) + ".",
                    "Check that the program is there and that the machine has memory and processes left.");
    const auto process = identify(pid);
    if (!process) {
        ::waitpid(pid, nullptr, WNOHANG);
        return fail(ErrorCode::Unavailable, program.path + " ended as soon as it was started.",
                    "Read " + program.logFile + ".");
    }
    return *process;
}

}  // namespace headgate
