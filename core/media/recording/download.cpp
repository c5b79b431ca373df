#include "core/media/recording/download.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headgate::recording {

namespace {

// The segments with which its files begin, 0 the first: FLV is one file always, MP4 one for each stretch of one format.
Result<std::vector<std::size_t>> beginsOfFiles(ShelfReader& reader, const RecordingManifest& manifest)
{
    std::vector<std::size_t> begins{0};
    if (manifest.format == RecordingFormat::Flv)
        return begins;
    std::unique_ptr<S3Client> client;
    std::string present;
    for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
        const RecordedSegment& segment = manifest.segments[i];
        if (i > 0 && !segment.isDiscontinuity)
            continue;
        auto init = reader.part(manifest.id, segment.file, {0, segment.initBytes}, client);
        if (!init)
            return tl::unexpected(init.error());
        if (i > 0 && *init != present)
            begins.push_back(i);
        present = std::move(*init);
    }
    return begins;
}

http_flv::SharedReply severalFiles(std::size_t count)
{
    const std::string number = std::to_string(count);
    return http_flv::makeReply(
        Error{ErrorCode::Unsupported,
              "The format of this recording changes within it, which no one MP4 file can have.",
              "Download its " + number + " files, with ?part=1 to ?part=" + number + ", or watch it as HLS.",
              {}},
        "Headgate-Parts: " + number + "\r\n");
}

// What one of its files is made of.
SharedManifest fileOf(const SharedManifest& manifest, const std::vector<std::size_t>& begins, std::size_t part)
{
    if (begins.size() == 1)
        return manifest;
    const auto segment = [&](std::size_t number) {
        return manifest->segments.begin() + static_cast<std::ptrdiff_t>(number);
    };
    auto file = std::make_shared<RecordingManifest>(*manifest);
    file->segments.assign(segment(begins[part - 1]),
                          segment(part < begins.size() ? begins[part] : manifest->segments.size()));
    return file;
}

}  // namespace

Result<http_flv::SharedReply> Download::reply(ShelfReader& reader, const SharedManifest& manifest, std::size_t part,
                                              Ways ways)
{
    const auto begins = beginsOfFiles(reader, *manifest);
    if (!begins)
        return tl::unexpected(begins.error());
    const std::size_t count = begins->size();
    if (part == 0 && count > 1)
        return severalFiles(count);
    if (part > count)
        return fail(ErrorCode::NotFound, "This recording has no such part.", "Leave it out, or take a lower one.");
    const bool isFlv = manifest->format == RecordingFormat::Flv;
    const std::string name = manifest->id + (count > 1 ? "-part" + std::to_string(part) : "");
    auto source = std::make_shared<Download>(fileOf(manifest, *begins, part), std::move(ways));
    const std::size_t size = source->size();
    const std::string etag = source->etag();
    return http_flv::makeReply(std::string("Content-Type: ") + (isFlv ? "video/x-flv" : "video/mp4") +
                                   "\r\nContent-Disposition: attachment; filename=\"" + name +
                                   (isFlv ? ".flv" : ".mp4") +
                                   "\"\r\nAccept-Ranges: bytes\r\nCache-Control: private, no-store\r\n",
                               std::move(source), size, etag);
}

Download::Download(SharedManifest manifest, Ways ways)
    : m_ways(std::move(ways)), m_progress(std::make_shared<Progress>(std::move(manifest)))
{}

std::size_t Download::size() const
{
    return std::accumulate(
        m_progress->stretches.begin(), m_progress->stretches.end(), std::size_t{0},
        [](std::size_t sum, const auto& each) { return sum + static_cast<std::size_t>(each.bytes); });
}

std::string Download::etag() const
{
    const RecordingManifest& manifest = *m_progress->manifest;
    return "\"" + manifest.id + "-" + manifest.segments.front().file + "-" + std::to_string(size()) + "\"";
}

void Download::limitTo(const http_flv::ByteRange& range)
{
    Progress& progress = *m_progress;
    progress.unwanted = range.offset;
    progress.wanted = range.size;
    while (progress.unwanted >= static_cast<std::size_t>(progress.stretches[progress.stretch].bytes))
        progress.unwanted -= static_cast<std::size_t>(progress.stretches[progress.stretch++].bytes);
}

void Download::next(const std::weak_ptr<http_flv::Asker>& asker)
{
    const auto give = [asker](const SharedBytes& piece) {
        if (const auto alive = asker.lock())
            alive->continued(piece);
    };
    if (!m_ways.mayGoOn() ||
        !m_ways.read([progress = m_progress](ShelfReader& reader) { return progress->readOn(reader); }, give))
        give(nullptr);
}

// Null if it cannot be read on.
SharedBytes Download::Progress::readOn(ShelfReader& reader)
{
    if (stretch > 0 && !file.isPrimed() && !prime(reader))
        return nullptr;
    for (;;) {
        auto piece = readPiece(reader);
        if (!piece)
            return nullptr;
        const std::size_t left = std::min(unwanted, piece->size());
        unwanted -= left;
        const std::size_t taken = std::min(wanted, piece->size() - left);
        if (taken == 0)
            continue;
        wanted -= taken;
        const auto from = piece->begin() + static_cast<std::ptrdiff_t>(left);
        return std::make_shared<const Bytes>(from, from + static_cast<std::ptrdiff_t>(taken));
    }
}

std::optional<Bytes> Download::Progress::readPiece(ShelfReader& reader)
{
    if (stretch == stretches.size())
        return std::nullopt;
    if (done == 0)
        file.enter(stretch);
    const JoinedFile::Stretch& from = stretches[stretch];
    const std::int64_t size = std::min(pieceBytes, from.bytes - done);
    const auto read = reader.part(manifest->id, from.file, {from.offset + done, size}, client);
    auto changed = read ? file.take(viewOf(*read)) : Result<Bytes>(tl::unexpected(read.error()));
    if (!changed)
        return std::nullopt;
    done += size;
    if (done == from.bytes) {
        if (!file.isWhole())
            return std::nullopt;
        ++stretch;
        done = 0;
    }
    return std::move(*changed);
}

// Times begin where the first file's do.
bool Download::Progress::prime(ShelfReader& reader)
{
    const std::size_t goal = std::exchange(stretch, 0);
    while (!file.isPrimed() && stretch == 0) {
        if (!readPiece(reader))
            return false;
    }
    stretch = goal;
    done = 0;
    return file.isPrimed();
}

}  // namespace headgate::recording
