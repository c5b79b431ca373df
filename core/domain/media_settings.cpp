#include "core/domain/media_settings.h"

namespace headgate {

std::vector<Error> validate(const MediaSettings& settings)
{
    std::vector<Error> errors;
    const auto within = [&errors](const std::optional<int>& value, int least, int most, const std::string& what,
                                  const std::string& unit, const char* pointer) {
        if (value && (*value < least || *value > most))
            errors.push_back({ErrorCode::InvalidArgument,
                              what + " is " + std::to_string(*value) + " " + unit + ", and it must be " +
                                  std::to_string(least) + " to " + std::to_string(most) + " " + unit + " or auto.",
                              {},
                              pointer});
    };
    within(settings.mergeWindow.milliseconds, 0, MergeWindowSetting::longestMs, "The merge window", "ms",
           "/mergeWindow");
    within(settings.srtLatencyMs, MediaSettings::shortestSrtLatencyMs, MediaSettings::longestSrtLatencyMs,
           "The latency of SRT", "ms", "/srtLatencyMs");
    within(settings.hlsWindowSeconds, MediaSettings::shortestHlsWindow, MediaSettings::longestHlsWindow,
           "The window of HLS", "s", "/hlsWindowSeconds");
    return errors;
}

}  // namespace headgate
