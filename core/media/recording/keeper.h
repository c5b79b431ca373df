#pragma once

#include "core/domain/recording_settings.h"
#include "core/media/access/recording_event.h"
#include "core/media/net/log.h"
#include "core/storage/recording_manifest.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace headgate::recording {

// Keeps a folder of recordings in order, in a thread of its own: ends those whose node died, and makes room. Several
// nodes may keep the same folder.
class Keeper
{
public:
    static constexpr Duration period{5000};

    Keeper(std::string folder, const Log& log, TellRecording tell = {});
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    // From any thread.
    void apply(const RecordingSettings& settings);

private:
    struct Known
    {
        std::int64_t changedAt = 0;    // the manifest, in nanoseconds
        RecordingManifest manifest{};  // without its segments
        std::int64_t bytes = 0;
        Duration length{0};
    };

    void run();
    void look(const RecordingSettings& settings);
    void refresh();
    void complain(const std::string& id, const Error& error);
    bool remove(const std::string& id, const std::string& why);

    const std::string m_folder;
    const Log& m_log;
    const TellRecording m_tell;
    std::map<std::string, Known> m_known;  // by id, the oldest first
    std::set<std::string> m_complaints;    // that were told
    std::mutex m_mutex;
    std::condition_variable m_wakeUp;
    RecordingSettings m_settings;  // guarded by m_mutex
    bool m_isStopping = false;
    std::thread m_thread;
};

}  // namespace headgate::recording
