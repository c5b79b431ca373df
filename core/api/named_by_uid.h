#pragma once

#include "core/plane/engine_host.h"
#include "core/wire/native_routes.h"

#include <string>

namespace headgate {

// In a path "uid:" and the uid of an object may stand for its name: the name, or `parameter` itself if it is none of
// that, or there is no such object.
std::string nameOfParameter(const EngineHost& host, const native::RouteRow& row, const std::string& parameter);

}  // namespace headgate
