#pragma once

#include "core/base/result.h"

#include <string>

namespace headgate::ctl {

enum class ExitStatus
{
    Done = 0,
    Refused = 1,
    WrongUsage = 2,
    NotReachable = 3,
    NotSignedIn = 4,
    Differs = 5
};

struct Failure
{
    ExitStatus status = ExitStatus::Refused;
    Error error;
};

template <typename T>
using Outcome = tl::expected<T, Failure>;

tl::unexpected<Failure> wrongUsage(std::string message, std::string remedy = {});

}  // namespace headgate::ctl
