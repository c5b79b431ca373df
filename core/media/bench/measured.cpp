#include "core/media/bench/measured.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace headgate::bench {

std::uint64_t nowNs()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}

namespace {

void addThread(ProcessUse& use, const std::filesystem::path& schedstat)
{
    std::uint64_t ran = 0;
    std::uint64_t waited = 0;
    std::ifstream(schedstat) >> ran >> waited;
    use.cpuSeconds += static_cast<double>(ran) / 1e9;
    use.waitSeconds += static_cast<double>(waited) / 1e9;
}

}  // namespace

ProcessUse useOf(int pid)
{
    ProcessUse use;
    const std::string folder = "/proc/" + std::to_string(pid);
    std::error_code gone;
    // The threads' own accounts count nanoseconds, the process' clock ticks.
    for (const auto& thread : std::filesystem::directory_iterator(folder + "/task", gone))
        addThread(use, thread.path() / "schedstat");
    double pages = 0;
    std::ifstream memory(folder + "/statm");
    memory >> pages >> pages;
    use.rssKiB = pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
    return use;
}

ProcessUse ownUse()
{
    return useOf(::getpid());
}

ProcessUse ownThreadUse()
{
    ProcessUse use;
    addThread(use, "/proc/thread-self/schedstat");
    return use;
}

double kernelTcpKiB()
{
    std::ifstream in("/proc/net/sockstat");
    for (std::string line; std::getline(in, line);) {
        const std::size_t place = line.find(" mem ");
        if (line.starts_with("TCP:") && place != std::string::npos)
            return std::stod(line.substr(place + 5)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
    }
    return 0;
}

double percentileMs(std::vector<std::uint64_t>& nanoseconds, double q)
{
    if (nanoseconds.empty())
        return 0;
    const auto count = static_cast<double>(nanoseconds.size());
    const auto place = std::min(nanoseconds.size() - 1, static_cast<std::size_t>(count * q));
    std::nth_element(nanoseconds.begin(), nanoseconds.begin() + static_cast<std::ptrdiff_t>(place), nanoseconds.end());
    return static_cast<double>(nanoseconds[place]) / 1e6;
}

void raiseFileLimit()
{
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

void pinTo(int cpu)
{
    if (cpu < 0)
        return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpu), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace headgate::bench
