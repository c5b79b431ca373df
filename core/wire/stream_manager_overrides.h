#pragma once

#include "core/domain/node_group.h"

namespace headgate::stream_manager {

// What the propertyOverrides of a group say of access, as far as there are settings for it: webhooks.endpoint and
// webhooks.muteCategories, and with the block R5AS-RTA the server.* of round-trip authentication. The default if they
// say nothing of it or nothing usable. Overrides of single roles are kept and not acted upon.
AccessSettings accessOfOverrides(const Extensions& extensions);

// What they say of recordings: the store of conf/cloudstorage-plugin.properties, with its aws.* and delete.recordings.
// Streams are recorded whose provision asks for it. The default if they name no bucket or no keys.
RecordingSettings recordingOfOverrides(const Extensions& extensions);

}  // namespace headgate::stream_manager
