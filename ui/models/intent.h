#pragma once

#include "core/domain/command.h"

#include <cstdint>
#include <optional>

namespace headgate {

// What somebody is about to do, and the version of the object that they saw.
struct Intent
{
    Command command;
    std::optional<std::uint64_t> ifVersion = std::nullopt;
};

}  // namespace headgate
