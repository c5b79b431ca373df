#pragma once

#include "core/plane/secret_store.h"

namespace headgate {

// Where a password is kept with this keychain, for the line under "Keep the password".
QString whereKept(const SecretStoreStatus& status);

}  // namespace headgate
