#pragma once

#include "core/base/result.h"

namespace headgate {

// The one place where our errors become HTTP statuses.
int httpStatus(ErrorCode code);

}  // namespace headgate
