#pragma once

#include "core/storage/recording_manifest.h"
#include "core/storage/s3_client.h"

#include <optional>
#include <string>
#include <vector>

// Recordings in a store: "<prefix><id>/<file>" for each of their files. Each call waits for the store.
namespace headgate::stored_recordings {

// Where the files of a recording are, its manifest apart: in the group's store, or where that says.
S3Settings placeOf(const S3Settings& store, const RecordingManifest& manifest);

std::string keyOf(const S3Settings& store, const std::string& id, const std::string& file);

// The newest first; at most 100,000.
Result<std::vector<std::string>> list(const S3Settings& store, const S3Client::Patience& patience = {});

Result<RecordingManifest> readManifest(const S3Settings& store, const std::string& id,
                                       const S3Client::Patience& patience = {});
Result<std::string> readFile(const S3Settings& store, const std::string& id, const std::string& file,
                             const S3Client::Patience& patience = {});

// How many objects that were.
Result<int> remove(const S3Settings& store, const std::string& id, const S3Client::Patience& patience = {});

// Ends uploads to keys that begin so which were not finished, those alone that began before then; how many that were.
Result<int> abortUploads(const S3Settings& store, const std::string& prefix, std::optional<TimePoint> before,
                         const S3Client::Patience& patience = {});

// Writes a small object, lists, reads and deletes it.
Result<void> test(const S3Settings& store);

}  // namespace headgate::stored_recordings
