#pragma once

#include "core/media/access/recording_event.h"
#include "core/media/net/bytes.h"
#include "core/storage/recording_folder.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>

namespace headgate::recording {

// --- What is written of one recording, in order. ---

struct BeginSegment
{
    TimePoint at;
    bool isDiscontinuity = false;
    SharedBytes init;
    std::string codecs{};
};

struct Fragment
{
    Duration length{0};
    SharedBytes bytes;
};

struct EndSegment
{};

struct SetThumbnail
{
    std::string jpeg;
};

struct AddNote
{
    std::string text;
};

struct Finish
{};

using Piece = std::variant<BeginSegment, Fragment, EndSegment, SetThumbnail, AddNote, Finish>;

// One recording on its way to the disk. Segments grow by whole fragments; each is safe before the manifest names it.
// Belongs to the writer's thread, but for what says otherwise.
class Tape
{
public:
    Tape(std::string folder, RecordingManifest manifest, TellRecording tell = {});
    ~Tape();

    // Any thread.
    std::int64_t bytes() const { return m_bytes; }
    bool isOver() const { return m_isOver; }  // finished or failed
    std::optional<Error> failure() const;

    void take(const Piece& piece);

private:
    class File;

    Result<void> put(const BeginSegment& begin);
    Result<void> put(const Fragment& fragment);
    Result<void> put(const EndSegment&);
    Result<void> put(const SetThumbnail& picture);
    Result<void> put(const AddNote& note);
    Result<void> put(const Finish&);
    Result<void> open();
    void tell(RecordingEvent::Kind kind, const std::string& error = {}) const;
    std::string path(const std::string& file) const { return m_folder + "/" + m_manifest.id + "/" + file; }

    const std::string m_folder;
    RecordingManifest m_manifest;
    const TellRecording m_tell;
    std::optional<recording_folder::Claim> m_claim;
    RecordedSegment m_segment;
    std::unique_ptr<File> m_media;  // while a segment is being written
    std::unique_ptr<File> m_journal;
    int m_segmentsBegun = 0;
    bool m_isToldOf = false;
    std::atomic<std::int64_t> m_bytes = 0;
    std::atomic<bool> m_isOver = false;
    mutable std::mutex m_mutex;
    std::optional<Error> m_failure;  // guarded by m_mutex
};

// The thread that writes tapes, so that no event loop waits for a disk.
class TapeWriter
{
public:
    TapeWriter();
    ~TapeWriter();  // writes what waits
    TapeWriter(const TapeWriter&) = delete;
    TapeWriter& operator=(const TapeWriter&) = delete;

    // From any thread.
    void put(std::shared_ptr<Tape> tape, Piece piece);
    std::size_t waitingBytes() const { return m_waitingBytes; }
    bool isIdle() const { return m_unwritten == 0; }
    std::int64_t bytesWritten() const { return m_bytesWritten; }

private:
    struct Task
    {
        std::shared_ptr<Tape> tape;
        Piece piece;
    };

    void run();

    std::mutex m_mutex;
    std::condition_variable m_wakeUp;
    std::deque<Task> m_tasks;  // guarded by m_mutex
    bool m_isStopping = false;
    std::atomic<std::size_t> m_waitingBytes = 0;
    std::atomic<std::size_t> m_unwritten = 0;  // pieces
    std::atomic<std::int64_t> m_bytesWritten = 0;
    std::thread m_thread;
};

}  // namespace headgate::recording
