#include "core/provider/process_identity.h"

#include "core/provider/whole_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <system_error>
#include <thread>

// glibc 2.36 forgot to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace headgate {

namespace {

template <typename Number>
std::optional<Number> numberFrom(std::string_view text)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

struct Facts
{
    std::string state;
    std::uint64_t startTime = 0;
};

std::optional<Facts> factsOf(pid_t pid)
{
    const std::string stat = readWholeFile("/proc/" + std::to_string(pid) + "/stat").value_or("");
    // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
    const std::size_t nameEnd = stat.rfind(')');
    if (nameEnd == std::string::npos)
        return std::nullopt;
    std::istringstream rest(stat.substr(nameEnd + 1));
    const std::vector<std::string> fields(std::istream_iterator<std::string>(rest), {});
    constexpr std::size_t stateField = 0;       // field 3
    constexpr std::size_t startTimeField = 19;  // field 22
    if (fields.size() <= startTimeField)
        return std::nullopt;
    const auto startTime = numberFrom<std::uint64_t>(fields[startTimeField]);
    if (!startTime)
        return std::nullopt;
    return Facts{fields[stateField], *startTime};
}

std::string commandLineOf(pid_t pid)
{
    const std::string folder = "/proc/" + std::to_string(pid);
    std::string line = readWholeFile(folder + "/cmdline").value_or("");
    // A program that is just being started has its file, and for an instant no command line yet. Kernel threads have
    // neither.
    std::error_code error;
    for (int i = 0; line.empty() && i < 100 && !std::filesystem::read_symlink(folder + "/exe", error).empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        line = readWholeFile(folder + "/cmdline").value_or("");
    }
    return line;
}

std::vector<std::string> argumentsOf(pid_t pid)
{
    std::istringstream line(commandLineOf(pid));
    std::vector<std::string> arguments;
    for (std::string argument; std::getline(line, argument, '\0');)
        arguments.push_back(argument);
    return arguments;
}

}  // namespace

std::string ProcessIdentity::toReference() const
{
    return std::to_string(pid) + ":" + std::to_string(startTime);
}

std::optional<ProcessIdentity> ProcessIdentity::fromReference(const std::string& reference)
{
    const std::size_t colon = reference.find(':');
    if (colon == std::string::npos)
        return std::nullopt;
    const auto pid = numberFrom<pid_t>(std::string_view(reference).substr(0, colon));
    const auto startTime = numberFrom<std::uint64_t>(std::string_view(reference).substr(colon + 1));
    if (!pid || *pid <= 0 || !startTime)
        return std::nullopt;
    return ProcessIdentity{*pid, *startTime};
}

std::optional<ProcessIdentity> identify(pid_t pid)
{
    const std::optional<Facts> facts = factsOf(pid);
    if (!facts || facts->state == "Z" || facts->state == "X")
        return std::nullopt;
    return ProcessIdentity{pid, facts->startTime};
}

bool isRunning(const ProcessIdentity& process)
{
    return identify(process.pid) == process;
}

int openProcessDescriptor(const ProcessIdentity& process)
{
    const int descriptor = ::pidfd_open(process.pid, 0);
    if (descriptor < 0)
        return -1;
    // Looked at after opening: if it is the right process now, it was the right one when the descriptor was made.
    // One that has ended and waits for its parent counts: the descriptor then tells so at once.
    const std::optional<Facts> facts = factsOf(process.pid);
    if (!facts || facts->startTime != process.startTime) {
        ::close(descriptor);
        return -1;
    }
    return descriptor;
}

std::vector<RunningProgram> runningPrograms()
{
    std::vector<RunningProgram> programs;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        const auto pid = numberFrom<pid_t>(entry.path().filename().string());
        struct stat facts = {};
        if (!pid || ::stat(entry.path().c_str(), &facts) != 0 || facts.st_uid != ::geteuid())
            continue;
        if (const auto process = identify(*pid))
            programs.push_back({*process, argumentsOf(*pid)});
    }
    return programs;
}

}  // namespace headgate
