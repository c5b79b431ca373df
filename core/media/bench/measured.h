#pragma once

#include <cstdint>
#include <vector>

// What the measuring programs read of the machine.
namespace headgate::bench {

std::uint64_t nowNs();  // monotonic, the same clock in all processes

// Zero if there is no such process.
struct ProcessUse
{
    double cpuSeconds = 0;
    double waitSeconds = 0;  // that its threads were ready and had no processor
    double rssKiB = 0;
};
ProcessUse useOf(int pid);
ProcessUse ownUse();
ProcessUse ownThreadUse();  // of the calling thread, without memory

double kernelTcpKiB();  // of the whole machine's sockets

// Of the q-th part of the values, 0 <= q <= 1; 0 if there are none.
double percentileMs(std::vector<std::uint64_t>& nanoseconds, double q);

void raiseFileLimit();
void pinTo(int cpu);  // -1 leaves it to the system

}  // namespace headgate::bench
