#pragma once

#include "core/media/net/bytes.h"
#include "core/storage/recording_manifest.h"
#include "core/storage/s3_client.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headgate::recording {

using SharedManifest = std::shared_ptr<const RecordingManifest>;

// What viewers get of one segment, whatever it is kept as.
struct Playable
{
    SharedBytes init;
    SharedBytes media;
};

// Reads recordings for viewers, in threads of its own. What several ask for is read once as long as it is remembered.
class ShelfReader
{
public:
    static constexpr std::size_t mostWaiting = 1000;
    static constexpr std::size_t mostRemembered = 64 * 1024 * 1024;
    static constexpr Duration manifestAge{2000};  // of one that still grows

    explicit ShelfReader(std::string folder);
    ~ShelfReader();
    ShelfReader(const ShelfReader&) = delete;
    ShelfReader& operator=(const ShelfReader&) = delete;

    // Where what is not on the disk may be.
    void setStore(std::optional<S3Settings> store);

    // `work` is called on a thread of the reader's, where it may ask for the following. False if too many wait.
    bool run(std::function<void(ShelfReader&)> work);

    // NotFound if there is no such recording, or no such segment of it.
    Result<SharedManifest> manifest(const std::string& id);
    Result<Playable> segment(const RecordingManifest& manifest, std::size_t number);
    Result<SharedBytes> thumbnail(const std::string& id);
    // So much of a file; the client is made when the store is asked, for the next part as well.
    Result<std::string> part(const std::string& id, const std::string& file, S3Client::Range range,
                             std::unique_ptr<S3Client>& client);

private:
    struct Kept
    {
        std::string key;
        Playable playable;
    };

    void work();
    std::optional<S3Settings> store();
    std::optional<S3Settings> placeOf(const std::string& id);
    S3Client::Patience patience() const;
    Result<std::string> readFile(const std::string& id, const std::string& file, std::int64_t mostBytes);

    const std::string m_folder;
    std::mutex m_mutex;
    std::condition_variable m_wakeUp;
    std::deque<std::function<void(ShelfReader&)>> m_waiting;
    std::atomic<bool> m_isStopping = false;
    std::optional<S3Settings> m_store;
    std::map<std::string, std::pair<SharedManifest, std::chrono::steady_clock::time_point>> m_manifests;
    std::list<Kept> m_kept;  // the newest first
    std::size_t m_keptBytes = 0;
    std::vector<std::thread> m_threads;
};

}  // namespace headgate::recording
