#include "core/media/recording/download.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headgate::recording {

Result<void> Download::check(ShelfReader& reader, const RecordingManifest& manifest)
{
    if (manifest.format == RecordingFormat::Flv)
        return {};
    std::unique_ptr<S3Client> client;
    std::string first;
    for (const RecordedSegment& segment : manifest.segments) {
        if (!first.empty() && !segment.isDiscontinuity)
            continue;
        auto init = reader.part(manifest.id, segment.file, {0, segment.initBytes}, client);
        if (!init)
            return tl::unexpected(init.error());
        if (first.empty())
            first = std::move(*init);
        else if (*init != first)
            return fail(ErrorCode::Unsupported,
                        "The format of this recording changes within it, which no one MP4 file can have.",
                        "Watch it as HLS, or have the group record as FLV.");
    }
    return {};
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
    Bytes out;
    while (out.empty() && stretch < stretches.size()) {
        const JoinedFile::Stretch& from = stretches[stretch];
        const std::int64_t size = std::min(pieceBytes, from.bytes - done);
        const auto read = reader.part(manifest->id, from.file, {from.offset + done, size}, client);
        auto changed = read ? file.take(viewOf(*read)) : Result<Bytes>(tl::unexpected(read.error()));
        if (!changed)
            return nullptr;
        out = std::move(*changed);
        done += size;
        if (done < from.bytes)
            continue;
        if (!file.isWhole())
            return nullptr;
        ++stretch;
        done = 0;
    }
    return out.empty() ? nullptr : std::make_shared<const Bytes>(std::move(out));
}

}  // namespace headgate::recording
