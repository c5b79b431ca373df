#include "core/storage/recording_folder.h"

#include "core/wire/native_routes.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

namespace headgate::recording_folder {

namespace {

namespace fs = std::filesystem;

class Descriptor
{
public:
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    operator int() const { return m_number; }

private:
    int m_number;
};

bool writeAll(int file, std::string_view content)
{
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return false;
        content.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

std::string pathOf(const std::string& folder, const std::string& id, const std::string& file)
{
    return folder + "/" + id + "/" + file;
}

Error noRecording(const std::string& id)
{
    return {ErrorCode::NotFound, "There is no recording \"" + id + "\".", {}, {}};
}

std::optional<std::int64_t> takeNumber(std::string_view& text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0)
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    return number;
}

// What the journal says of a segment whose file has so many bytes; none if nothing of it can be played.
std::optional<RecordedSegment> journalled(std::string file, std::string_view journal, std::int64_t size)
{
    RecordedSegment segment;
    segment.file = std::move(file);
    for (bool isFirst = true; journal.find('\n') != std::string_view::npos; isFirst = false) {
        const std::size_t end = journal.find('\n');
        std::string_view line = journal.substr(0, end);
        journal.remove_prefix(end + 1);
        const auto one = takeNumber(line);
        const auto two = takeNumber(line);
        if (!one || !two)
            break;
        if (isFirst) {
            segment.at = fromEpochMs(*one);
            segment.initBytes = *two;
            segment.isDiscontinuity = line == "1";
        } else if (*one <= size && *one > segment.bytes) {
            segment.bytes = *one;
            segment.length = Duration(*two);
        }
    }
    const bool isPlayable = segment.bytes > segment.initBytes;
    return isPlayable ? std::optional(segment) : std::nullopt;
}

}  // namespace

std::string ofGroup(const std::string& dataDir, const NodeGroupName& group)
{
    std::string name = native::percentEncoded(group.value);
    if (name.starts_with('.'))
        name.replace(0, 1, "%2E");
    return dataDir + "/recordings/" + name;
}

tl::unexpected<Error> diskError(const std::string& what, int number)
{
    const bool isFull = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return fail(isFull ? ErrorCode::ResourceExhausted : ErrorCode::Unavailable,
                what + ": " + std::strerror(number) + ".",
                isFull ? "Make room on the disk, or give the recordings of the group a limit."
                       : "Look at the disk, and at who owns its folder.");
}

Result<void> writeWhole(const std::string& path, std::string_view content)
{
    const std::string fresh = path + ".new";
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file < 0 || !writeAll(file, content) || ::fsync(file) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
        return diskError(path + " cannot be written", errno);
    const Descriptor parent(::open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent < 0 || ::fsync(parent) != 0)
        return diskError(path + " cannot be made safe", errno);
    return {};
}

Result<std::string> readPart(const std::string& path, std::int64_t offset, std::int64_t size)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status = {};
    if (file < 0 || ::fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ErrorCode::NotFound, "There is no file " + path + ".");
    std::string content(static_cast<std::size_t>(std::clamp<std::int64_t>(status.st_size - offset, 0, size)), '\0');
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t taken =
            ::pread(file, content.data() + done, content.size() - done, offset + static_cast<off_t>(done));
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken <= 0)
            return diskError(path + " cannot be read", taken < 0 ? errno : EIO);
        done += static_cast<std::size_t>(taken);
    }
    return content;
}

std::vector<std::string> list(const std::string& folder)
{
    std::vector<std::string> ids;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::string name = entry->path().filename().string();
        if (isRecordingId(name) && entry->is_directory(error))
            ids.push_back(std::move(name));
    }
    std::ranges::sort(ids, std::greater<>());
    return ids;
}

Result<RecordingManifest> readManifest(const std::string& folder, const std::string& id)
{
    if (!isRecordingId(id))
        return tl::unexpected(noRecording(id));
    const auto text = readPart(pathOf(folder, id, RecordingManifest::file), 0, RecordingManifest::mostBytes + 1);
    if (!text)
        return tl::unexpected(text.error().code == ErrorCode::NotFound ? noRecording(id) : text.error());
    auto manifest = recordingManifestOf(*text);
    if (manifest && manifest->id != id)
        return fail(ErrorCode::InvalidArgument, "The manifest of " + id + " is that of another recording.");
    return manifest;
}

Result<void> writeManifest(const std::string& folder, const RecordingManifest& manifest)
{
    return writeWhole(pathOf(folder, manifest.id, RecordingManifest::file), toText(manifest));
}

std::optional<Claim> Claim::take(const std::string& folder, const std::string& id)
{
    const std::string path = folder + "/" + id;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return std::nullopt;
    Claim claim(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        return std::nullopt;
    return claim;
}

Claim::~Claim()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void removeMedia(const std::string& folder, const RecordingManifest& manifest)
{
    for (const RecordedSegment& segment : manifest.segments)
        ::unlink(pathOf(folder, manifest.id, segment.file).c_str());
}

// The manifest goes last: what is left of a removal that was cut off can be removed again.
Result<void> remove(const std::string& folder, const std::string& id)
{
    if (!isRecordingId(id))
        return tl::unexpected(noRecording(id));
    const fs::path path = folder + "/" + id;
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().filename() != RecordingManifest::file)
            fs::remove_all(entry->path(), error);
    }
    if (!error)
        fs::remove_all(path, error);
    return error ? Result<void>(diskError("The recording " + id + " cannot be deleted", error.value()))
                 : Result<void>();
}

Result<RecordingManifest> repair(const std::string& folder, const std::string& id)
{
    auto manifest = readManifest(folder, id);
    if (!manifest || manifest->isComplete)
        return manifest;
    constexpr std::int64_t mostJournal = 16 << 20;
    std::vector<std::string> journals;
    std::error_code error;
    for (fs::directory_iterator entry(folder + "/" + id, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == journalEnding)
            journals.push_back(entry->path().string());
    }
    std::ranges::sort(journals);
    for (const std::string& journal : journals) {
        const fs::path media = fs::path(journal).replace_extension();
        const bool isKnown = std::ranges::find(manifest->segments, media.filename().string(), &RecordedSegment::file) !=
                             manifest->segments.end();
        const auto text = readPart(journal, 0, mostJournal);
        struct stat status = {};
        const bool isThere = ::stat(media.c_str(), &status) == 0;
        const auto segment =
            !isKnown && text && isThere ? journalled(media.filename().string(), *text, status.st_size) : std::nullopt;
        if (isKnown)
            continue;
        if (!segment)
            ::unlink(media.c_str());
        else if (::truncate(media.c_str(), segment->bytes) != 0)
            return diskError(media.string() + " cannot be cut", errno);
        else
            manifest->segments.push_back(*segment);
    }
    manifest->isComplete = true;
    manifest->note += std::string(manifest->note.empty() ? "" : " ") + "Its node ended while it recorded.";
    if (auto written = writeManifest(folder, *manifest); !written)
        return tl::unexpected(written.error());
    for (const std::string& journal : journals)
        ::unlink(journal.c_str());
    return manifest;
}

std::string journalHead(const RecordedSegment& segment)
{
    return std::to_string(toEpochMs(segment.at)) + " " + std::to_string(segment.initBytes) +
           (segment.isDiscontinuity ? " 1\n" : " 0\n");
}

std::string journalLine(const JournalLine& line)
{
    return std::to_string(line.bytes) + " " + std::to_string(line.length.count()) + "\n";
}

}  // namespace headgate::recording_folder
