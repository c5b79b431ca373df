#include "core/media/recording/uploader.h"

#include "core/storage/recording_folder.h"
#include "core/storage/stored_recordings.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <utility>

namespace headgate::recording {

Uploader::Uploader(std::string folder, const Log& log, TellRecording tell)
    : m_folder(std::move(folder)), m_log(log), m_tell(std::move(tell)), m_thread([this] { run(); })
{}

Uploader::~Uploader()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
        if (m_client)
            m_client->stop();
    }
    m_wakeUp.notify_one();
    m_thread.join();
}

void Uploader::apply(const RecordingSettings& settings)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_settings == settings)
            return;
        m_settings = settings;
        if (m_client)
            m_client->stop();
        m_client = settings.store ? std::make_shared<S3Client>(*settings.store) : nullptr;
    }
    m_wakeUp.notify_one();
}

void Uploader::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_isStopping) {
        const RecordingSettings settings = m_settings;
        const std::shared_ptr<S3Client> client = m_client;  // of these settings
        Result<void> done;
        lock.unlock();
        if (settings.store)
            done = uploadAll(*settings.store, *client);
        if (done && settings.store)
            done = tidy(*settings.store, settings.mostHours);
        lock.lock();
        // A failure of settings that do not hold any more is none.
        if (!done && m_settings == settings && !m_isStopping && m_complaint != done.error().message)
            m_log.warning("recordings: " + done.error().message + " " + done.error().remedy);
        m_complaint = done ? std::string() : done.error().message;
        if (!m_isStopping && m_settings == settings)
            m_wakeUp.wait_for(lock, done ? period : pauseAfterFailure);
    }
}

Result<void> Uploader::uploadAll(const S3Settings& store, S3Client& client)
{
    const std::vector<std::string> ids = recording_folder::list(m_folder);  // the newest first
    std::erase_if(m_stored, [&](const std::string& id) {
        return !std::binary_search(ids.begin(), ids.end(), id, std::greater<>());
    });
    Result<void> outcome;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
        auto done = m_stored.contains(*id) ? Result<void>() : upload(store, client, *id);
        if (!done)
            tellFailure(*id, done.error());
        if (!done && done.error().code != ErrorCode::NotFound)
            return done;
        // One that lacks a file does not hold up the others.
        if (!done)
            outcome = std::move(done);
    }
    return outcome;
}

Result<void> Uploader::upload(const S3Settings& store, S3Client& client, const std::string& id)
{
    const auto seen = recording_folder::readManifest(m_folder, id);
    if (seen && seen->isStored)
        m_stored.insert(id);
    if (!seen || !seen->isComplete || seen->isStored)
        return {};
    const auto claim = recording_folder::Claim::take(m_folder, id);
    auto manifest = recording_folder::readManifest(m_folder, id);
    if (!claim || !manifest || manifest->isStored)
        return {};
    const S3Settings place = stored_recordings::placeOf(store, *manifest);
    S3Client::Patience patience;
    patience.isOver = &m_isStopping;
    S3Client ownPlace(place, patience);
    S3Client& files = manifest->place.isEmpty() ? client : ownPlace;
    const auto send = [&](const std::string& file, const std::string& type) -> Result<std::string> {
        const auto content =
            recording_folder::readPart(m_folder + "/" + id + "/" + file, 0, std::numeric_limits<std::int64_t>::max());
        if (!content)
            return content;
        return files.put(stored_recordings::keyOf(place, id, file), *content, type);
    };
    for (RecordedSegment& segment : manifest->segments) {
        // Another store may have been the group's when it was sent.
        if (!segment.etag.empty()) {
            const auto there = files.head(stored_recordings::keyOf(place, id, segment.file));
            if (there && there->bytes == segment.bytes)
                continue;
            if (!there && there.error().code == ErrorCode::Unavailable)
                return tl::unexpected(there.error());
        }
        auto etag = send(segment.file, manifest->format == RecordingFormat::Flv ? "video/x-flv" : "video/mp4");
        if (!etag)
            return tl::unexpected(etag.error());
        segment.etag = std::move(*etag);
        if (auto written = recording_folder::writeManifest(m_folder, *manifest); !written)
            return written;
    }
    if (const auto sent = send(RecordingManifest::thumbnailFile, "image/jpeg");
        !sent && sent.error().code != ErrorCode::NotFound)
        return tl::unexpected(sent.error());
    manifest->isStored = true;
    const auto told =
        client.put(stored_recordings::keyOf(store, id, RecordingManifest::file), toText(*manifest), "application/json");
    if (!told)
        return tl::unexpected(told.error());
    m_log.info("recording " + id + ": uploaded");
    m_failed.erase(id);
    if (m_tell)
        m_tell({RecordingEvent::Kind::Saved,
                manifest->stream,
                id,
                store.bucket,
                stored_recordings::keyOf(store, id, RecordingManifest::file),
                {}});
    // Parts of a try whose answers were lost would be kept, and paid for, for ever.
    S3Client::Patience once;
    once.tries = 1;
    once.isOver = &m_isStopping;
    static_cast<void>(stored_recordings::abortUploads(place, stored_recordings::keyOf(place, id, ""), {}, once));
    return store.deletesLocal ? recording_folder::remove(m_folder, id)
                              : recording_folder::writeManifest(m_folder, *manifest);
}

// Once for each recording that does not come to the store, until it does.
void Uploader::tellFailure(const std::string& id, const Error& error)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_client == nullptr || m_client->isStopped())
            return;
    }
    const auto manifest = recording_folder::readManifest(m_folder, id);
    if (manifest && m_tell && m_failed.insert(id).second)
        m_tell({RecordingEvent::Kind::Saved, manifest->stream, id, {}, {}, error.message});
}

// Once an hour. Names begin with the time.
Result<void> Uploader::tidy(const S3Settings& store, std::optional<int> mostHours)
{
    constexpr std::chrono::hours mostUnfinished{24};
    const auto now = std::chrono::steady_clock::now();
    if (m_tidiedAt && now - *m_tidiedAt < std::chrono::hours(1))
        return {};
    S3Client::Patience patience;
    patience.isOver = &m_isStopping;
    const TimePoint wallClock = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    // Of recordings that were deleted before they were there.
    if (auto aborted = stored_recordings::abortUploads(store, store.prefix, wallClock - mostUnfinished, patience);
        !aborted)
        return tl::unexpected(aborted.error());
    const auto ids = mostHours ? stored_recordings::list(store, patience) : Result<std::vector<std::string>>();
    if (!ids)
        return tl::unexpected(ids.error());
    for (auto id = ids->rbegin(); id != ids->rend(); ++id) {
        const auto manifest = stored_recordings::readManifest(store, *id, patience);
        if (!manifest)
            continue;
        if (manifest->startedAt + manifest->length() >= wallClock - std::chrono::hours(*mostHours))
            break;
        if (const auto removed = stored_recordings::remove(store, *id, patience); !removed)
            return tl::unexpected(removed.error());
        m_log.info("recording " + *id +
                   ": deleted from the store, because it is older than the group keeps recordings");
    }
    m_tidiedAt = now;
    return {};
}

}  // namespace headgate::recording
