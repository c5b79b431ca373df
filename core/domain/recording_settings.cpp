#include "core/domain/recording_settings.h"

namespace headgate {

void changeSecrets(RecordingSettings& settings,
                   const std::function<std::string(const std::string& secret, const char* pointer)>& change)
{
    if (settings.store && !settings.store->secretKey.empty())
        settings.store->secretKey = change(settings.store->secretKey, "/store/secretKey");
}

std::vector<Error> validate(const RecordingSettings& settings)
{
    std::vector<Error> errors;
    const auto complain = [&errors](std::string message, const char* pointer) {
        errors.push_back({ErrorCode::InvalidArgument, std::move(message), {}, pointer});
    };
    if (settings.segmentSeconds < RecordingSettings::shortestSegment ||
        settings.segmentSeconds > RecordingSettings::longestSegment)
        complain("A segment is " + std::to_string(settings.segmentSeconds) + " s long, and it must be 1 to 600 s.",
                 "/segmentSeconds");
    if (settings.mostBytes && *settings.mostBytes < (std::int64_t{1} << 20))
        complain("The limit of the disk must be at least 1 MiB.", "/mostBytes");
    if (settings.mostHours && *settings.mostHours < 1)
        complain("A recording must be kept for an hour at least.", "/mostHours");
    if (!settings.store)
        return errors;
    const S3Settings& store = *settings.store;
    if (!store.endpoint.empty() && !store.endpoint.starts_with("https://") && !store.endpoint.starts_with("http://"))
        complain("The endpoint must begin with https:// or http://.", "/store/endpoint");
    if (store.bucket.size() < 3 || store.bucket.size() > 63)
        complain("The name of a bucket has 3 to 63 characters.", "/store/bucket");
    if (store.region.empty())
        complain("The store's region is missing.", "/store/region");
    if (store.accessKey.empty() || store.secretKey.empty())
        complain("The store needs an access key and its secret.", "/store/accessKey");
    return errors;
}

}  // namespace headgate
