#include "core/media/recording/keeper.h"

#include "core/storage/recording_folder.h"

#include <sys/stat.h>

#include <chrono>
#include <utility>

namespace headgate::recording {

Keeper::Keeper(std::string folder, const Log& log, TellRecording tell)
    : m_folder(std::move(folder)), m_log(log), m_tell(std::move(tell)), m_thread([this] { run(); })
{}

Keeper::~Keeper()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wakeUp.notify_one();
    m_thread.join();
}

void Keeper::apply(const RecordingSettings& settings)
{
    {
        const std::lock_guard lock(m_mutex);
        m_settings = settings;
    }
    m_wakeUp.notify_one();
}

void Keeper::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_isStopping) {
        const RecordingSettings settings = m_settings;
        lock.unlock();
        look(settings);
        lock.lock();
        if (!m_isStopping)
            m_wakeUp.wait_for(lock, period);
    }
}

void Keeper::complain(const std::string& id, const Error& error)
{
    if (m_complaints.insert(id).second)
        m_log.warning("recording " + id + ": " + error.message);
}

// What the manifests say that changed since they were read.
void Keeper::refresh()
{
    std::map<std::string, Known> present;
    for (const std::string& id : recording_folder::list(m_folder)) {
        struct stat status = {};
        const std::string file = m_folder + "/" + id + "/" + RecordingManifest::file;
        if (::stat(file.c_str(), &status) != 0)
            continue;
        const std::int64_t changedAt = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
        const auto known = m_known.find(id);
        if (known != m_known.end() && known->second.changedAt == changedAt) {
            present.insert(m_known.extract(known));
            continue;
        }
        auto manifest = recording_folder::readManifest(m_folder, id);
        if (!manifest) {
            complain(id, manifest.error());
            continue;
        }
        Known fresh{changedAt, {}, manifest->bytes(), manifest->length()};
        manifest->segments.clear();
        fresh.manifest = std::move(*manifest);
        present.emplace(id, std::move(fresh));
    }
    m_known = std::move(present);
}

bool Keeper::remove(const std::string& id, const std::string& why)
{
    const auto claim = recording_folder::Claim::take(m_folder, id);
    if (!claim)
        return false;
    if (const auto removed = recording_folder::remove(m_folder, id); !removed) {
        complain(id, removed.error());
        return false;
    }
    m_log.info("recording " + id + ": deleted, because " + why);
    return true;
}

void Keeper::look(const RecordingSettings& settings)
{
    refresh();
    for (auto& [id, known] : m_known) {
        if (known.manifest.isComplete)
            continue;
        const auto claim = recording_folder::Claim::take(m_folder, id);
        if (!claim)
            continue;
        const auto repaired = recording_folder::repair(m_folder, id);
        if (!repaired) {
            complain(id, repaired.error());
            continue;
        }
        known.manifest.isComplete = true;
        known.bytes = repaired->bytes();
        m_log.info("recording " + id + ": its node ended while it recorded; " +
                   std::to_string(repaired->length().count()) + " ms of it can be played");
        if (m_tell && !repaired->segments.empty())
            m_tell({RecordingEvent::Kind::Saved, repaired->stream, id, {}, {}, {}});
    }
    const TimePoint now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    std::int64_t total = 0;
    for (const auto& [id, known] : m_known)
        total += known.bytes;
    for (const auto& [id, known] : m_known) {
        if (!known.manifest.isComplete)
            continue;
        const bool isOld = settings.mostHours &&
                           now - (known.manifest.startedAt + known.length) > std::chrono::hours(*settings.mostHours);
        const bool isTooMuch = settings.mostBytes && total > *settings.mostBytes;
        if ((isOld || isTooMuch) && remove(id, isOld ? "it is older than the group keeps recordings"
                                                     : "the recordings here take more than the group allows"))
            total -= known.bytes;
    }
}

}  // namespace headgate::recording
