#pragma once

#include "core/domain/recording_settings.h"
#include "core/media/access/recording_event.h"
#include "core/media/net/log.h"
#include "core/storage/recording_manifest.h"
#include "core/storage/s3_client.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace headgate::recording {

// Brings recordings that are over to the store of the group, in a thread of its own: their files, then the manifest,
// each under a name that follows from the recording. What is there is noted in the manifest, so that whoever goes on
// after a crash, this node or another, goes on there.
class Uploader
{
public:
    static constexpr Duration period{2'000};
    static constexpr Duration pauseAfterFailure{10'000};

    Uploader(std::string folder, const Log& log, TellRecording tell = {});
    ~Uploader();
    Uploader(const Uploader&) = delete;
    Uploader& operator=(const Uploader&) = delete;

    // From any thread.
    void apply(const RecordingSettings& settings);

private:
    void run();
    Result<void> uploadAll(const S3Settings& store, S3Client& client);
    Result<void> upload(const S3Settings& store, S3Client& client, const std::string& id);
    void tellFailure(const std::string& id, const Error& error);
    Result<void> tidy(const S3Settings& store, std::optional<int> mostHours);

    const std::string m_folder;
    const Log& m_log;
    const TellRecording m_tell;
    std::string m_complaint;         // that was told last
    std::set<std::string> m_failed;  // of which that was told
    std::set<std::string> m_stored;  // that need not be looked at again
    std::optional<std::chrono::steady_clock::time_point> m_tidiedAt;
    std::mutex m_mutex;
    std::condition_variable m_wakeUp;
    RecordingSettings m_settings;        // guarded by m_mutex
    std::shared_ptr<S3Client> m_client;  // guarded by m_mutex; of m_settings
    std::atomic<bool> m_isStopping = false;
    std::thread m_thread;
};

}  // namespace headgate::recording
