#include "tests/soak/process_samples.h"

#include "core/media/bench/measured.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>

namespace headgate::soak {

void Trend::forgetBefore(double seconds)
{
    std::erase_if(m_samples, [seconds](const Sample& sample) { return sample.seconds < seconds; });
}

double Trend::most() const
{
    double most = 0;
    for (const Sample& sample : m_samples)
        most = std::max(most, sample.value);
    return most;
}

double Trend::growth() const
{
    if (m_samples.size() < 3)
        return 0;
    const auto count = static_cast<double>(m_samples.size());
    double meanTime = 0;
    double meanValue = 0;
    for (const Sample& sample : m_samples) {
        meanTime += sample.seconds / count;
        meanValue += sample.value / count;
    }
    double together = 0;
    double spread = 0;
    for (const Sample& sample : m_samples) {
        together += (sample.seconds - meanTime) * (sample.value - meanValue);
        spread += (sample.seconds - meanTime) * (sample.seconds - meanTime);
    }
    return spread > 0 ? together / spread * (m_samples.back().seconds - m_samples.front().seconds) : 0;
}

int openDescriptors(std::int64_t pid)
{
    std::error_code gone;
    const std::filesystem::directory_iterator folder("/proc/" + std::to_string(pid) + "/fd", gone);
    return gone ? -1 : static_cast<int>(std::distance(begin(folder), end(folder)));
}

double residentKiB(std::int64_t pid)
{
    return bench::useOf(static_cast<int>(pid)).rssKiB;
}

}  // namespace headgate::soak
