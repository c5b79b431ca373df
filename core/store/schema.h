#pragma once

#include "core/store/connection.h"

namespace headgate {

// Applies the migrations that the file lacks, each in one transaction. A file written by a newer version is left as it
// is and answered with Unsupported, naming both schema versions.
Result<void> migrate(StoreConnection& connection, const std::string& file);

// The schema version that this build writes.
int knownSchemaVersion();

}  // namespace headgate
