#include "core/media/jobs/remux_program.h"

#include "core/media/jobs/remuxer.h"

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

namespace headgate {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int exitBroken = 1, exitUseless = 2, exitLetGo = 3;

std::atomic<bool> isAskedToEnd = false;

// Whole or not at all: a reader that does not read is no reason to stay.
void tell(const RemuxStatus& status)
{
    const std::string line = encodeRemuxStatus(status) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        ::_exit(exitLetGo);
}

// The first line, within the leash.
Result<RemuxOrders> takeOrders()
{
    std::string line;
    for (char byte = 0;;) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (line.size() > RemuxOrders::mostBytes || ::poll(&input, 1, RemuxOrders::leashMs) != 1 ||
            ::read(STDIN_FILENO, &byte, 1) != 1)
            return fail(ErrorCode::InvalidArgument, "There are no orders.");
        if (byte == '\n')
            return decodeRemuxOrders(line);
        line += byte;
    }
}

// On a thread of its own, whatever FFmpeg waits for meanwhile: ends the process when nobody holds it any more, and
// tells how it fares.
[[noreturn]] void watch(const Remuxer& remuxer)
{
    constexpr int periodMs = 250;
    constexpr std::chrono::seconds tellPeriod{1};
    auto lastWord = Clock::now();
    auto lastTold = Clock::now() - tellPeriod;
    RemuxPhase told = RemuxPhase::Done;
    while (true) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, periodMs) == 1) {
            std::array<char, 256> words{};
            if (::read(STDIN_FILENO, words.data(), words.size()) <= 0)
                ::_exit(exitLetGo);
            lastWord = Clock::now();
        }
        if (Clock::now() - lastWord > std::chrono::milliseconds(RemuxOrders::leashMs))
            ::_exit(exitLetGo);
        const RemuxPhase phase = remuxer.phase();
        if (phase != told || Clock::now() - lastTold >= tellPeriod) {
            tell({phase, remuxer.bytes(), {}});
            told = phase;
            lastTold = Clock::now();
        }
    }
}

}  // namespace

int runRemuxProgram()
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGTERM, [](int) { isAskedToEnd = true; });
    auto orders = takeOrders();
    if (!orders) {
        std::cerr << "headgate-remux: it is started by headgate-node, which carries streams with it. "
                  << orders.error().message << "\n";
        return exitUseless;
    }
    Remuxer remuxer(std::move(*orders), isAskedToEnd);
    std::thread([&remuxer] { watch(remuxer); }).detach();
    const RemuxStatus last = remuxer.run();
    tell(last);
    // Nothing is taken down: an output that broke off must not be ended as if it were over.
    ::_exit(last.phase == RemuxPhase::Broken ? exitBroken : last.phase == RemuxPhase::Useless ? exitUseless : 0);
}

}  // namespace headgate
