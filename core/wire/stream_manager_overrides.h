#pragma once

#include "core/domain/node_group.h"

namespace headgate::stream_manager {

// What the propertyOverrides of a group say of access, as far as there are settings for it: webhooks.endpoint and
// webhooks.muteCategories, and with the block R5AS-RTA the server.* of round-trip authentication. The default if they
// say nothing of it or nothing usable. Overrides of single roles are kept and not acted upon.
AccessSettings accessOfOverrides(const Extensions& extensions);

}  // namespace headgate::stream_manager
