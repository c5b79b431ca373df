// The least that sending to SRT callers costs: libsrt alone gets the bytes of the test stream in whole messages as they
// fall due, for every caller, whatever it asks for.
#include "core/media/bench/measured.h"
#include "core/media/bench/test_stream.h"
#include "core/media/srt/library.h"
#include "tests/bench/options.h"

#include <srt/srt.h>

#include <cstdio>
#include <thread>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage = R"(Usage: srt_limit [options] ADDRESS
  -p PORT  UDP port (8891)      -k KBPS  bit rate for each caller (1510)
  -t S     seconds to run (60)  -c CPU   to run on (-1: any)
)";

constexpr std::size_t messageSize = 1316;

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv, {{'p', "8891"}, {'k', "1510"}, {'t', "60"}, {'c', "-1"}}, usage);
    if (options.words.size() != 1) {
        std::fputs(usage, stderr);
        return 2;
    }
    pinTo(options.integer('c'));
    const auto library = std::make_shared<const srt::Library>();
    const auto listener = srt::bindTo(
        library, SocketAddress{options.words[0], static_cast<std::uint16_t>(options.integer('p')), {}}, Duration(120));
    if (!listener || ::srt_listen(listener->id(), 1024) != 0) {
        std::fprintf(stderr, "srt_limit: %s\n", listener ? "cannot listen" : listener.error().message.c_str());
        return 3;
    }
    const std::vector<StreamMessage> period = testStream(options.number('k'));
    const std::vector<char> message(messageSize, 'x');
    std::vector<srt::SrtSocket> callers;
    std::size_t due = 0;  // bytes for each caller
    const std::uint64_t begin = nowNs();
    const std::uint64_t end = begin + static_cast<std::uint64_t>(options.integer('t')) * 1'000'000'000;
    for (std::uint64_t count = 0; nowNs() < end; ++count) {
        const std::uint64_t at = begin + count / period.size() * streamPeriodNs + period[count % period.size()].dueNs;
        if (const std::uint64_t now = nowNs(); now < at)
            std::this_thread::sleep_for(std::chrono::nanoseconds(at - now));
        for (;;) {
            srt::SrtSocket caller(library, ::srt_accept(listener->id(), nullptr, nullptr));
            if (!caller.isOpen())
                break;
            callers.push_back(std::move(caller));
        }
        for (due += period[count % period.size()].size; due >= messageSize; due -= messageSize) {
            for (const srt::SrtSocket& caller : callers)
                ::srt_sendmsg(caller.id(), message.data(), messageSize, -1, 1);
        }
    }
    return 0;
}
