#pragma once

#include "core/domain/recording_settings.h"
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

    Uploader(std::string folder, const Log& log);
    ~Uploader();
    Uploader(const Uploader&) = delete;
    Uploader& operator=(const Uploader&) = delete;

    // From any thread.
    void apply(const RecordingSettings& settings);

private:
    void run();
    Result<void> uploadAll(const S3Settings& store, S3Client& client);
    Result<void> upload(const S3Settings& store, S3Client& client, const std::string& id);
    Result<void> dropOld(const S3Settings& store, int mostHours);

    const std::string m_folder;
    const Log& m_log;
    std::string m_complaint;         // that was told last
    std::set<std::string> m_stored;  // that need not be looked at again
    std::chrono::steady_clock::time_point m_droppedAt;
    std::mutex m_mutex;
    std::condition_variable m_wakeUp;
    RecordingSettings m_settings;        // guarded by m_mutex
    std::shared_ptr<S3Client> m_client;  // guarded by m_mutex; of m_settings
    std::atomic<bool> m_isStopping = false;
    std::thread m_thread;
};

}  // namespace headgate::recording
