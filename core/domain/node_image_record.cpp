#include "core/domain/node_image_record.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr std::size_t longestName = 255;
constexpr std::size_t longestText = 4096;
constexpr int mostPerCore = 1'000'000;
constexpr int mostCores = 4096;
constexpr std::int64_t fastestStream = 1'000'000'000;
constexpr std::int64_t mostBitsOut = 1'000'000'000'000'000;

class Complaints
{
public:
    template <typename Number>
    void checkRange(Number value, Number lowest, Number highest, const std::string& what, const std::string& pointer)
    {
        if (value < lowest || value > highest)
            add(what + " is out of range: it must be " + std::to_string(lowest) + " to " + std::to_string(highest) +
                    ".",
                pointer);
    }

    void checkLength(const std::string& text, std::size_t longest, const std::string& what, const std::string& pointer)
    {
        if (text.size() > longest)
            add(what + " has " + std::to_string(text.size()) + " characters, and " + std::to_string(longest) +
                    " is the most.",
                pointer);
    }

    void add(std::string message, std::string pointer)
    {
        m_errors.push_back({ErrorCode::InvalidArgument, std::move(message), {}, std::move(pointer)});
    }

    std::vector<Error> take() { return std::move(m_errors); }

private:
    std::vector<Error> m_errors;
};

void checkMeasurement(Complaints& complaints, const CapacityMeasurement& measurement, const std::string& at)
{
    complaints.checkRange<std::int64_t>(measurement.streamBitsPerSecond, 1000, fastestStream,
                                        "The bit rate of the stream", at + "/streamBitsPerSecond");
    for (Error& error : validate(MediaSettings{measurement.mergeWindow, JoinLatency::Normal}))
        complaints.add(std::move(error.message), at + error.pointer);
    complaints.checkRange(measurement.viewersPerCore, 1, mostPerCore, "The number of viewers per core",
                          at + "/viewersPerCore");
    if (measurement.publishersPerCore)
        complaints.checkRange(*measurement.publishersPerCore, 1, mostPerCore, "The number of publishers per core",
                              at + "/publishersPerCore");
    complaints.checkRange<std::int64_t>(measurement.bitsOutPerSecond, 0, mostBitsOut, "The bit rate of a core",
                                        at + "/bitsOutPerSecond");
    if (!(measurement.cpuSecondsPerGbit >= 0) || measurement.cpuSecondsPerGbit > mostPerCore)
        complaints.add("The processor time per Gbit must be 0 to 1000000 seconds.", at + "/cpuSecondsPerGbit");
    complaints.checkRange(measurement.cores, 1, mostCores, "The number of cores", at + "/cores");
    complaints.checkLength(measurement.machine, longestText, "The machine", at + "/machine");
    complaints.checkLength(measurement.toolVersion, longestName, "The tool's version", at + "/toolVersion");
}

}  // namespace

std::vector<Error> validate(const CapacityMeasurement& measurement)
{
    Complaints complaints;
    checkMeasurement(complaints, measurement, {});
    return complaints.take();
}

std::vector<Error> validate(const NodeImageRecord& record)
{
    Complaints complaints;
    const auto isPrintable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
    if (record.name.empty() || record.name.size() > longestName ||
        !std::all_of(record.name.begin(), record.name.end(), isPrintable))
        complaints.add("A node image needs a name of 1 to 255 printable characters.", "/name");
    complaints.checkLength(record.description, longestText, "The description", "/description");
    if (record.measurements.size() > NodeImageRecord::mostMeasurements)
        complaints.add("There are more than 50 measurements.", "/measurements");
    for (std::size_t i = 0; i < record.measurements.size(); ++i)
        checkMeasurement(complaints, record.measurements[i], "/measurements/" + std::to_string(i));
    return complaints.take();
}

}  // namespace headgate
