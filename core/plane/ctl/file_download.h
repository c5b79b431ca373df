#pragma once

#include "core/plane/ctl/failure.h"

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>

namespace headgate::ctl {

// What is fetched, and to where.
struct FileDownload
{
    // The address of a part, of which 0 is all of it; asked for anew before each try, since what it shows may be over.
    std::function<Outcome<std::string>(int part)> url;
    std::string path;  // of several parts each stands beside it, "show-part2.mp4"
    int part = 0;
    std::chrono::milliseconds pause{1000};  // before the next try, twice as long each time one got nothing
};

// Fetches over HTTP into "PATH.<of its ETag>.part", which becomes PATH when all of it is there. What breaks off is gone
// on with where it was, by this run or the next one. Tells on the notes how it goes; the paths that were written, a
// line each, on `out`.
Outcome<void> fetch(const FileDownload& download, std::ostream& out, std::ostream& notes);

}  // namespace headgate::ctl
