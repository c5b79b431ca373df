#pragma once

namespace headgate {

// Ends the process with the broken condition and its place on standard error. For our own mistakes only: what comes
// from the network, a disk, a user or a media stream is handled with Result.
[[noreturn]] void failCheck(const char* condition, const char* file, int line);

[[noreturn]] inline void unreachable()
{
    failCheck("unreachable", __builtin_FILE(), __builtin_LINE());
}

}  // namespace headgate

// Checked in every build, release included.
#define HG_CHECK(condition)                                                                                            \
    do {                                                                                                               \
        if (!(condition)) [[unlikely]]                                                                                 \
            ::headgate::failCheck(#condition, __FILE__, __LINE__);                                                     \
    } while (false)
