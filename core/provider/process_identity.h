#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// One process of this machine, told apart from a later one that gets the same number by the time of its start
// (field 22 of /proc/<pid>/stat, proc(5)).
struct ProcessIdentity
{
    pid_t pid = 0;
    std::uint64_t startTime = 0;  // clock ticks since boot

    // "pid:start-time", the form in which the store keeps it.
    std::string toReference() const;
    static std::optional<ProcessIdentity> fromReference(const std::string& reference);

    bool operator==(const ProcessIdentity&) const = default;
};

// None if there is no such process, or only the remains of one that nobody has waited for.
std::optional<ProcessIdentity> identify(pid_t pid);

bool isRunning(const ProcessIdentity& process);

// A descriptor that becomes readable when `process` ends (pidfd_open(2)); -1 if nothing is left of it, or if the
// kernel has no such thing.
int openProcessDescriptor(const ProcessIdentity& process);

struct RunningProgram
{
    ProcessIdentity process;
    std::vector<std::string> arguments;
};

// All processes of this user with their command lines.
std::vector<RunningProgram> runningPrograms();

}  // namespace headgate
