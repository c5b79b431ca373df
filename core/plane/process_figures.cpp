#include "core/plane/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace headgate {

ProcessFigures ProcessFigures::now()
{
    ProcessFigures figures;
    std::ifstream statm("/proc/self/statm");
    std::int64_t pages = 0;
    if (statm >> pages >> pages)
        figures.residentBytes = pages * ::sysconf(_SC_PAGESIZE);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    figures.processorTime = std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                            std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0)
        figures.mostOpenFiles = static_cast<std::int64_t>(files.rlim_cur);
    std::error_code error;
    using Entries = std::filesystem::directory_iterator;
    const Entries descriptors("/proc/self/fd", error);
    if (!error)
        figures.openFiles = std::distance(begin(descriptors), end(descriptors));
    return figures;
}

}  // namespace headgate
