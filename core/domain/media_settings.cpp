#include "core/domain/media_settings.h"

namespace headgate {

std::vector<Error> validate(const MediaSettings& settings)
{
    const auto& window = settings.mergeWindow.milliseconds;
    if (!window || (*window >= 0 && *window <= MergeWindowSetting::longestMs))
        return {};
    return {{ErrorCode::InvalidArgument,
             "The merge window is " + std::to_string(*window) + " ms, and it must be 0 to 1000 ms or auto.",
             {},
             "/mergeWindow"}};
}

}  // namespace headgate
