#include "core/media/recording/shelf_reader.h"

#include "core/media/hls/segmenter.h"
#include "core/storage/recording_folder.h"
#include "core/storage/stored_recordings.h"

#include <algorithm>
#include <iterator>

namespace headgate::recording {

namespace {

constexpr std::size_t threadCount = 2;
constexpr std::size_t mostManifests = 200;
constexpr std::int64_t mostFileBytes = 128 << 20;

SharedBytes shared(std::string_view text)
{
    const ByteView view = viewOf(text);
    return std::make_shared<const Bytes>(view.begin(), view.end());
}

// The parts of one segment in a row.
class Collector final : public hls::SegmentSink
{
public:
    void segmentBegan(const hls::SegmentStart& start) override
    {
        if (!m_init)
            m_init = start.init->bytes;
    }
    void partMade(hls::Part part) override { appendView(m_media, *part.bytes); }
    void segmentEnded() override {}

    Result<Playable> take()
    {
        if (!m_init)
            return fail(ErrorCode::Unsupported, "This part of the recording has no track that HLS can carry.",
                        "Download the recording.");
        return Playable{m_init, std::make_shared<const Bytes>(std::move(m_media))};
    }

private:
    SharedBytes m_init;
    Bytes m_media;
};

Result<Playable> repackaged(std::string_view flv)
{
    hls::Pace pace;
    pace.segmentMs = pace.targetSeconds = 1'000'000;
    pace.partMs = 1000;
    pace.mostSegmentBytes = mostFileBytes;
    pace.startsShort = false;
    Collector collector;
    hls::Segmenter segmenter(pace, collector);
    FlvReader reader;
    if (auto read = reader.append(viewOf(flv)); !read)
        return tl::unexpected(read.error());
    while (auto tag = reader.next()) {
        const FrameKind kind = tag->type == TagType::Video   ? FrameKind::Video
                               : tag->type == TagType::Audio ? FrameKind::Audio
                                                             : FrameKind::Script;
        segmenter.push(std::make_shared<const MediaFrame>(kind, tag->timestampMs, std::move(tag->body)), {});
    }
    segmenter.finish();
    return collector.take();
}

std::size_t sizeOf(const Playable& playable)
{
    return playable.init->size() + playable.media->size();
}

}  // namespace

ShelfReader::ShelfReader(std::string folder) : m_folder(std::move(folder))
{
    for (std::size_t i = 0; i < threadCount; ++i)
        m_threads.emplace_back([this] { work(); });
}

ShelfReader::~ShelfReader()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wakeUp.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
}

void ShelfReader::setStore(std::optional<S3Settings> store)
{
    const std::lock_guard lock(m_mutex);
    m_store = std::move(store);
}

std::optional<S3Settings> ShelfReader::store()
{
    const std::lock_guard lock(m_mutex);
    return m_store;
}

// Where the files of a recording are, if there is a store.
std::optional<S3Settings> ShelfReader::placeOf(const std::string& id)
{
    const auto place = store();
    const auto known = place ? manifest(id) : Result<SharedManifest>();
    return place && known ? std::optional(stored_recordings::placeOf(*place, **known)) : place;
}

// A viewer waits for it, and so does the end of the node.
S3Client::Patience ShelfReader::patience() const
{
    S3Client::Patience patience;
    patience.tries = 2;
    patience.isOver = &m_isStopping;
    return patience;
}

bool ShelfReader::run(std::function<void(ShelfReader&)> work)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_waiting.size() >= mostWaiting)
            return false;
        m_waiting.push_back(std::move(work));
    }
    m_wakeUp.notify_one();
    return true;
}

void ShelfReader::work()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wakeUp.wait(lock, [this] { return m_isStopping || !m_waiting.empty(); });
        if (m_isStopping)
            return;
        const auto next = std::move(m_waiting.front());
        m_waiting.pop_front();
        lock.unlock();
        next(*this);
        lock.lock();
    }
}

Result<std::string> ShelfReader::readFile(const std::string& id, const std::string& file, std::int64_t mostBytes)
{
    auto content = recording_folder::readPart(m_folder + "/" + id + "/" + file, 0, mostBytes);
    const auto elsewhere = content ? std::nullopt : placeOf(id);
    return elsewhere ? stored_recordings::readFile(*elsewhere, id, file, patience()) : content;
}

Result<SharedManifest> ShelfReader::manifest(const std::string& id)
{
    const auto now = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(m_mutex);
        const auto known = m_manifests.find(id);
        if (known != m_manifests.end() && (known->second.first->isComplete || now - known->second.second < manifestAge))
            return known->second.first;
    }
    auto read = recording_folder::readManifest(m_folder, id);
    if (const auto elsewhere = read ? std::nullopt : store(); elsewhere && isRecordingId(id))
        read = stored_recordings::readManifest(*elsewhere, id, patience());
    if (!read)
        return tl::unexpected(read.error());
    auto manifest = std::make_shared<const RecordingManifest>(std::move(*read));
    const std::lock_guard lock(m_mutex);
    if (m_manifests.size() >= mostManifests)
        m_manifests.clear();
    m_manifests.insert_or_assign(id, std::pair(manifest, now));
    return manifest;
}

Result<Playable> ShelfReader::segment(const RecordingManifest& manifest, std::size_t number)
{
    if (number >= manifest.segments.size())
        return fail(ErrorCode::NotFound, "The recording has no such segment.");
    const RecordedSegment& wanted = manifest.segments[number];
    const std::string key = manifest.id + "/" + wanted.file;
    {
        const std::lock_guard lock(m_mutex);
        const auto kept = std::ranges::find(m_kept, key, &Kept::key);
        if (kept != m_kept.end()) {
            m_kept.splice(m_kept.begin(), m_kept, kept);
            return kept->playable;
        }
    }
    const auto content = readFile(manifest.id, wanted.file, std::min(wanted.bytes, mostFileBytes));
    if (!content)
        return tl::unexpected(content.error());
    if (static_cast<std::int64_t>(content->size()) < wanted.initBytes)
        return fail(ErrorCode::Unavailable, "A file of the recording is shorter than it was.");
    Result<Playable> playable;
    if (manifest.format == RecordingFormat::Flv) {
        playable = repackaged(*content);
    } else {
        const std::string_view all = *content;
        const auto initBytes = static_cast<std::size_t>(wanted.initBytes);
        playable = Playable{shared(all.substr(0, initBytes)), shared(all.substr(initBytes))};
    }
    if (!playable)
        return playable;
    const std::lock_guard lock(m_mutex);
    m_kept.push_front({key, *playable});
    m_keptBytes += sizeOf(*playable);
    while (m_keptBytes > mostRemembered && m_kept.size() > 1) {
        m_keptBytes -= sizeOf(m_kept.back().playable);
        m_kept.pop_back();
    }
    return playable;
}

Result<std::string> ShelfReader::part(const std::string& id, const std::string& file, S3Client::Range range,
                                      std::unique_ptr<S3Client>& client)
{
    auto content = recording_folder::readPart(m_folder + "/" + id + "/" + file, range.offset, range.size);
    const auto elsewhere = content ? std::nullopt : placeOf(id);
    if (elsewhere) {
        if (!client)
            client = std::make_unique<S3Client>(*elsewhere, patience());
        content = client->get(stored_recordings::keyOf(*elsewhere, id, file), range);
    }
    if (content && content->size() != static_cast<std::size_t>(range.size))
        return fail(ErrorCode::Unavailable, "A file of the recording is shorter than it was.");
    return content;
}

Result<SharedBytes> ShelfReader::thumbnail(const std::string& id)
{
    constexpr std::int64_t most = 1 << 20;
    const auto content = readFile(id, RecordingManifest::thumbnailFile, most);
    if (!content)
        return fail(ErrorCode::NotFound, "The recording has no picture.");
    return shared(*content);
}

}  // namespace headgate::recording
