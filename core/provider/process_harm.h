#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/node_harm.h"
#include "core/provider/process_identity.h"

namespace headgate {

// Breaks a process on purpose. What is frozen or slowed down is let go after `lasts` (kill: not used) by a process of
// its own, which this one does not wait for, so that it goes on whatever becomes of this one. NotFound if it does not
// run any more, Unsupported where the kernel has no process descriptors, Unavailable if no process can be made.
// Any thread.
Result<void> harmProcess(const ProcessIdentity& process, NodeHarm harm, Duration lasts);

}  // namespace headgate
