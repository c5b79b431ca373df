#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace headgate::soak {

// A line through samples of something over time.
class Trend
{
public:
    void add(double seconds, double value) { m_samples.push_back({seconds, value}); }
    void forgetBefore(double seconds);

    double first() const { return m_samples.empty() ? 0 : m_samples.front().value; }
    double last() const { return m_samples.empty() ? 0 : m_samples.back().value; }
    double most() const;
    std::size_t count() const { return m_samples.size(); }

    // How much more the fitted line says at the last sample than at the first.
    double growth() const;

private:
    struct Sample
    {
        double seconds = 0;
        double value = 0;
    };
    std::vector<Sample> m_samples;
};

struct ProcessSamples
{
    Trend residentKiB;
    Trend descriptors;
};

// -1 if there is no such process.
int openDescriptors(std::int64_t pid);
double residentKiB(std::int64_t pid);

}  // namespace headgate::soak
