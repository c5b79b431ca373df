#include "core/storage/stored_recordings.h"

#include "core/base/digest.h"

#include <algorithm>
#include <chrono>

namespace headgate::stored_recordings {

S3Settings placeOf(const S3Settings& store, const RecordingManifest& manifest)
{
    S3Settings place = store;
    if (!manifest.place.bucket.empty())
        place.bucket = manifest.place.bucket;
    if (!manifest.place.folder.empty())
        place.prefix = manifest.place.folder + "/";
    return place;
}

std::string keyOf(const S3Settings& store, const std::string& id, const std::string& file)
{
    return store.prefix + id + "/" + file;
}

Result<std::vector<std::string>> list(const S3Settings& store, const S3Client::Patience& patience)
{
    constexpr int mostPages = 100;
    S3Client client(store, patience);
    std::vector<std::string> ids;
    std::string next;
    for (int page = 0; page < mostPages; ++page) {
        const auto listing = client.list(store.prefix, next);
        if (!listing)
            return tl::unexpected(listing.error());
        for (const std::string& folder : listing->folders) {
            if (!folder.starts_with(store.prefix) || !folder.ends_with('/') || folder.size() == store.prefix.size())
                continue;
            std::string id = folder.substr(store.prefix.size(), folder.size() - store.prefix.size() - 1);
            if (isRecordingId(id))
                ids.push_back(std::move(id));
        }
        next = listing->next;
        if (next.empty())
            break;
    }
    std::ranges::sort(ids, std::greater<>());
    return ids;
}

Result<RecordingManifest> readManifest(const S3Settings& store, const std::string& id,
                                       const S3Client::Patience& patience)
{
    const auto text = readFile(store, id, RecordingManifest::file, patience);
    return text ? recordingManifestOf(*text) : tl::unexpected(text.error());
}

Result<std::string> readFile(const S3Settings& store, const std::string& id, const std::string& file,
                             const S3Client::Patience& patience)
{
    return S3Client(store, patience).get(keyOf(store, id, file));
}

namespace {

// The manifest goes last: what is left of a removal that was cut off can be removed again.
Result<int> removeFolder(const S3Settings& store, const std::string& id, const S3Client::Patience& patience)
{
    S3Client client(store, patience);
    const std::string folder = keyOf(store, id, "");
    const std::string manifest = folder + RecordingManifest::file;
    std::vector<std::string> keys;
    for (std::string next; keys.size() < 2 * RecordingManifest::mostSegments;) {
        const auto listing = client.list(folder, next);
        if (!listing)
            return tl::unexpected(listing.error());
        for (const s3::Object& object : listing->objects)
            keys.push_back(object.key);
        next = listing->next;
        if (next.empty())
            break;
    }
    std::ranges::stable_partition(keys, [&](const std::string& key) { return key != manifest; });
    for (const std::string& key : keys) {
        if (const auto removed = client.remove(key); !removed)
            return tl::unexpected(removed.error());
    }
    return static_cast<int>(keys.size());
}

}  // namespace

Result<int> remove(const S3Settings& store, const std::string& id, const S3Client::Patience& patience)
{
    const auto manifest = readManifest(store, id, patience);
    if (!manifest || manifest->place.isEmpty())
        return removeFolder(store, id, patience);
    const auto files = removeFolder(placeOf(store, *manifest), id, patience);
    return files ? removeFolder(store, id, patience).map([&](int count) { return count + *files; }) : files;
}

Result<int> abortUploads(const S3Settings& store, const std::string& prefix, std::optional<TimePoint> before,
                         const S3Client::Patience& patience)
{
    S3Client client(store, patience);
    const auto uploads = client.uploads(prefix);
    if (!uploads)
        return tl::unexpected(uploads.error());
    int count = 0;
    for (const s3::Upload& upload : *uploads) {
        // Stores may find more than was asked for. Times of this form sort as texts.
        if (!upload.key.starts_with(prefix) || (before && upload.began >= toRfc3339(*before)))
            continue;
        if (const auto aborted = client.abort(upload); !aborted)
            return tl::unexpected(aborted.error());
        ++count;
    }
    return count;
}

Result<void> test(const S3Settings& store)
{
    S3Client::Patience patience;
    patience.tries = 1;
    S3Client client(store, patience);
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const std::string text = "Headgate writes this to see whether it may: " + std::to_string(now);
    const std::string key = store.prefix + "headgate-test-" + toHex(sha256(text)).substr(0, 16);
    if (const auto put = client.put(key, text, "text/plain"); !put)
        return tl::unexpected(put.error());
    const auto listed = client.list(store.prefix);
    const auto got = client.get(key);
    const auto removed = client.remove(key);
    if (!listed)
        return tl::unexpected(listed.error());
    if (!got)
        return tl::unexpected(got.error());
    if (*got != text)
        return fail(ErrorCode::Unavailable, "The store gave back something else than was written.");
    return removed;
}

}  // namespace headgate::stored_recordings
