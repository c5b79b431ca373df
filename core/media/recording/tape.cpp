#include "core/media/recording/tape.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace headgate::recording {

using recording_folder::diskError;

// A file that only grows.
class Tape::File
{
public:
    explicit File(std::string path)
        : m_path(std::move(path)),
          m_descriptor(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)),
          m_error(m_descriptor < 0 ? errno : 0)
    {}
    ~File()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    Result<void> append(ByteView bytes)
    {
        while (!bytes.empty() && m_error == 0) {
            const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR)
                m_error = errno;
            bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
        }
        return outcome();
    }

    Result<void> makeSafe()
    {
        if (m_error == 0 && ::fdatasync(m_descriptor) != 0)
            m_error = errno;
        return outcome();
    }

private:
    Result<void> outcome() const
    {
        return m_error == 0 ? Result<void>() : Result<void>(diskError(m_path + " cannot be written", m_error));
    }

    const std::string m_path;
    const int m_descriptor;
    int m_error;
};

namespace {

std::size_t sizeOf(const Piece& piece)
{
    const auto* const fragment = std::get_if<Fragment>(&piece);
    return fragment ? fragment->bytes->size() : 0;
}

}  // namespace

Tape::Tape(std::string folder, RecordingManifest manifest, TellRecording tell)
    : m_folder(std::move(folder)), m_manifest(std::move(manifest)), m_tell(std::move(tell))
{}

Tape::~Tape() = default;

std::optional<Error> Tape::failure() const
{
    const std::lock_guard lock(m_mutex);
    return m_failure;
}

void Tape::take(const Piece& piece)
{
    if (m_isOver)
        return;
    auto done = m_claim ? Result<void>() : open();
    if (done && !m_isToldOf && !std::holds_alternative<Finish>(piece)) {
        m_isToldOf = true;
        tell(RecordingEvent::Kind::Started);
    }
    if (done)
        done = std::visit([this](const auto& known) { return put(known); }, piece);
    if (done)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_failure = done.error();
    }
    // What there is is repaired by whoever looks next, as after a crash.
    m_media.reset();
    m_journal.reset();
    m_claim.reset();
    m_isOver = true;
    tell(RecordingEvent::Kind::Saved, done.error().message);
}

void Tape::tell(RecordingEvent::Kind kind, const std::string& error) const
{
    if (m_tell)
        m_tell({kind, m_manifest.stream, m_manifest.id, {}, {}, error});
}

// Under its name once there is a manifest and it is claimed.
Result<void> Tape::open()
{
    const std::string final = m_folder + "/" + m_manifest.id;
    const std::string hidden = "." + m_manifest.id;
    const std::string fresh = m_folder + "/" + hidden;
    std::error_code ignored;
    std::filesystem::create_directories(m_folder, ignored);
    if (::mkdir(fresh.c_str(), 0700) != 0)
        return diskError(fresh + " cannot be made", errno);
    auto claim = recording_folder::Claim::take(m_folder, hidden);
    if (!claim)
        return diskError(fresh + " cannot be claimed", errno);
    auto written = recording_folder::writeWhole(fresh + "/" + RecordingManifest::file, toText(m_manifest));
    if (written && ::rename(fresh.c_str(), final.c_str()) != 0)
        written = diskError(final + " cannot be made", errno);
    if (!written) {
        std::filesystem::remove_all(fresh, ignored);
        return written;
    }
    m_claim = std::move(claim);
    return {};
}

Result<void> Tape::put(const BeginSegment& begin)
{
    char name[32];
    std::snprintf(name, sizeof name, "%06d.%s", m_segmentsBegun++,
                  m_manifest.format == RecordingFormat::Flv ? "flv" : "mp4");
    m_segment = RecordedSegment{
        name, {}, static_cast<std::int64_t>(begin.init->size()), 0, begin.at, begin.isDiscontinuity, {}};
    m_segment.initBytes = m_segment.bytes;
    if (m_manifest.codecs.empty())
        m_manifest.codecs = begin.codecs;
    m_media = std::make_unique<File>(path(name));
    m_journal = std::make_unique<File>(path(name) + recording_folder::journalEnding);
    auto done = m_media->append(*begin.init);
    return done ? m_journal->append(viewOf(recording_folder::journalHead(m_segment))) : done;
}

Result<void> Tape::put(const Fragment& fragment)
{
    if (!m_media)
        return {};
    auto done = m_media->append(*fragment.bytes);
    if (!done)
        return done;
    m_segment.bytes += static_cast<std::int64_t>(fragment.bytes->size());
    m_segment.length += fragment.length;
    m_bytes += static_cast<std::int64_t>(fragment.bytes->size());
    return m_journal->append(viewOf(recording_folder::journalLine({m_segment.bytes, m_segment.length})));
}

Result<void> Tape::put(const EndSegment&)
{
    if (!m_media)
        return {};
    auto done = m_media->makeSafe();
    m_media.reset();
    m_journal.reset();
    if (!done)
        return done;
    m_manifest.segments.push_back(m_segment);
    done = recording_folder::writeManifest(m_folder, m_manifest);
    if (!done)
        return done;
    ::unlink((path(m_segment.file) + recording_folder::journalEnding).c_str());
    return {};
}

Result<void> Tape::put(const SetThumbnail& picture)
{
    auto done = recording_folder::writeWhole(path(RecordingManifest::thumbnailFile), picture.jpeg);
    if (done)
        tell(RecordingEvent::Kind::Pictured);
    return done;
}

Result<void> Tape::put(const AddNote& note)
{
    m_manifest.note += (m_manifest.note.empty() ? "" : " ") + note.text;
    return {};
}

Result<void> Tape::put(const Finish&)
{
    auto done = put(EndSegment{});
    if (!done)
        return done;
    m_manifest.isComplete = true;
    done = recording_folder::writeManifest(m_folder, m_manifest);
    if (!done)
        return done;
    m_claim.reset();
    m_isOver = true;
    if (m_isToldOf)
        tell(RecordingEvent::Kind::Saved);
    return {};
}

TapeWriter::TapeWriter() : m_thread([this] { run(); })
{}

TapeWriter::~TapeWriter()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wakeUp.notify_one();
    m_thread.join();
}

void TapeWriter::put(std::shared_ptr<Tape> tape, Piece piece)
{
    m_waitingBytes += sizeOf(piece);
    ++m_unwritten;
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back({std::move(tape), std::move(piece)});
    }
    m_wakeUp.notify_one();
}

void TapeWriter::run()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wakeUp.wait(lock, [this] { return m_isStopping || !m_tasks.empty(); });
        if (m_tasks.empty())
            return;
        Task task = std::move(m_tasks.front());
        m_tasks.pop_front();
        lock.unlock();
        const std::int64_t before = task.tape->bytes();
        task.tape->take(task.piece);
        m_bytesWritten += task.tape->bytes() - before;
        m_waitingBytes -= sizeOf(task.piece);
        task.tape.reset();
        --m_unwritten;
        lock.lock();
    }
}

}  // namespace headgate::recording
