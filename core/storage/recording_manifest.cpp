#include "core/storage/recording_manifest.h"

#include "core/base/digest.h"
#include "core/wire/json_reader.h"
#include "core/wire/json_writer.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_image_fields.h"

#include <algorithm>

namespace headgate::native {

static void describe(auto& f, Either<RecordedSegment> auto& segment)
{
    f.required("file", segment.file);
    f.required("lengthMs", segment.length);
    f.required("bytes", segment.bytes);
    f.optional("initBytes", segment.initBytes);
    f.required("at", segment.at);
    f.optional("isDiscontinuity", segment.isDiscontinuity);
    f.optional("etag", segment.etag);
}

static void describe(auto& f, Either<RecordingManifest> auto& manifest)
{
    f.required("id", manifest.id);
    f.required("stream", manifest.stream);
    f.required("epoch", manifest.epoch);
    f.optional("node", manifest.node);
    f.required("format", manifest.format);
    f.required("startedAt", manifest.startedAt);
    f.required("isComplete", manifest.isComplete);
    f.optional("isStored", manifest.isStored);
    f.optional("note", manifest.note);
    f.optional("codecs", manifest.codecs);
    f.optional("bucket", manifest.place.bucket);
    f.optional("folder", manifest.place.folder);
    f.required("segments", manifest.segments);
}

}  // namespace headgate::native

namespace headgate {

namespace {

constexpr std::size_t longestId = 200;
constexpr std::size_t longestNameInId = 60;

bool isIdCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

// "2027-06-26T18:42:18.250Z" -> "20270626T184218Z"
std::string compact(TimePoint at)
{
    std::string text = toRfc3339(at).substr(0, 19);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + "Z";
}

}  // namespace

Duration RecordingManifest::length() const
{
    Duration sum{0};
    for (const RecordedSegment& segment : segments)
        sum += segment.length;
    return sum;
}

std::int64_t RecordingManifest::bytes() const
{
    std::int64_t sum = 0;
    for (const RecordedSegment& segment : segments)
        sum += segment.bytes;
    return sum;
}

std::string recordingIdOf(const StreamKey& stream, std::uint64_t epoch, const NodeId& node, TimePoint startedAt,
                          int attempt)
{
    std::string name = stream.path().substr(0, longestNameInId);
    std::ranges::replace_if(
        name, [](char c) { return !isIdCharacter(c); }, '-');
    const std::string whole = stream.path() + "\n" + std::to_string(epoch) + "\n" + node.value;
    std::string id =
        compact(startedAt) + "-" + name + "-" + std::to_string(epoch) + "-" + toHex(sha256(whole)).substr(0, 12);
    return attempt > 1 ? id + "-" + std::to_string(attempt) : id;
}

bool isRecordingId(std::string_view id)
{
    return !id.empty() && id.size() <= longestId && id.front() != '.' && std::ranges::all_of(id, isIdCharacter);
}

std::string toText(const RecordingManifest& manifest)
{
    return native::Encode::value(manifest).dump(1, ' ', false, native::Json::error_handler_t::replace);
}

Result<RecordingManifest> recordingManifestOf(std::string_view text)
{
    if (text.size() > RecordingManifest::mostBytes)
        return fail(ErrorCode::InvalidArgument, "The manifest of a recording is larger than 32 MiB.");
    const auto json = native::parse(text);
    if (!json)
        return tl::unexpected(json.error());
    auto manifest = native::decodeDocument<RecordingManifest>(*json);
    if (!manifest)
        return manifest;
    const bool isBounded = isRecordingId(manifest->id) && manifest->segments.size() <= RecordingManifest::mostSegments;
    constexpr std::int64_t mostOfSegment = std::int64_t{1} << 40;
    const bool areSound = std::ranges::all_of(manifest->segments, [](const RecordedSegment& segment) {
        return isRecordingId(segment.file) && segment.initBytes <= segment.bytes && segment.bytes < mostOfSegment &&
               segment.length <= std::chrono::hours(24) && segment.etag.size() < 200;
    });
    if (!isBounded || !areSound || !isSound(manifest->place))
        return fail(ErrorCode::InvalidArgument, "This is no manifest of a recording.");
    return manifest;
}

}  // namespace headgate
