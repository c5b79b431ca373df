#pragma once

#include "core/storage/recording_manifest.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

// Recordings on a disk: a folder each, named by its id. Any thread, and any process of this machine.
namespace headgate::recording_folder {

// Where the nodes of a group keep theirs on this machine.
std::string ofGroup(const std::string& dataDir, const NodeGroupName& group);

// "No space left on device" and the like, as an error about `what`.
tl::unexpected<Error> diskError(const std::string& what, int number);

// A file that is whole at any instant, after a loss of power as well.
Result<void> writeWhole(const std::string& path, std::string_view content);

// What a file holds from `offset` on, at most so many bytes; NotFound if there is none.
Result<std::string> readPart(const std::string& path, std::int64_t offset, std::int64_t size);

// The ids, newest first.
std::vector<std::string> list(const std::string& folder);

Result<RecordingManifest> readManifest(const std::string& folder, const std::string& id);
Result<void> writeManifest(const std::string& folder, const RecordingManifest& manifest);

// Whoever has it alone may change a recording: who writes it, repairs, uploads or deletes it. Ends with its holder,
// also if that is killed.
class Claim
{
public:
    // None if another has it, or there is no such recording.
    static std::optional<Claim> take(const std::string& folder, const std::string& id);
    Claim(Claim&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    Claim& operator=(Claim&& other) noexcept
    {
        std::swap(m_descriptor, other.m_descriptor);
        return *this;
    }
    ~Claim();

private:
    explicit Claim(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor;
};

// The media files of a recording, and all of it. Not without its claim.
void removeMedia(const std::string& folder, const RecordingManifest& manifest);
Result<void> remove(const std::string& folder, const std::string& id);

// Ends a recording whose writer died: what was written of its last segment counts as far as it is whole, the rest is
// cut off. Not without its claim.
Result<RecordingManifest> repair(const std::string& folder, const std::string& id);

// --- The journal beside the segment that is being written, by which it is repaired. ---

// After each fragment: up to where the file is whole then, and how long it plays.
struct JournalLine
{
    std::int64_t bytes = 0;
    Duration length{0};
};
std::string journalHead(const RecordedSegment& segment);  // the first line
std::string journalLine(const JournalLine& line);
constexpr const char* journalEnding = ".journal";

}  // namespace headgate::recording_folder
