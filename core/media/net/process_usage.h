#pragma once

#include <chrono>
#include <cstdint>

// What this process uses, as the system tells it.
namespace headgate {

std::chrono::microseconds processorTime();  // of all its threads since its start
std::int64_t residentBytes();
int openDescriptors();
int mostDescriptors();

}  // namespace headgate
