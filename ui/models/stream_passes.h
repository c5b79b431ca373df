#pragma once

#include "core/plane/control_plane.h"
#include "core/wire/stream_pass.h"

#include <QString>

#include <functional>

namespace headgate {

// `url` with the pass that the group wants to see, where it does not let in everybody: made by the control plane, for
// some minutes. `done` is called once, with the reason where none is made.
void withStreamPass(ControlPlane& plane, const StreamPassWish& wish, const QString& url,
                    std::function<void(Result<QString>)> done);

}  // namespace headgate
