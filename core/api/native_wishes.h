#pragma once

#include "core/api/api_context.h"
#include "core/api/native_patches.h"
#include "core/wire/native_routes.h"

#include <cstdint>
#include <optional>

namespace headgate {

// What a request for a writing route asks for.
struct Wish
{
    Command command;
    nlohmann::json document;  // that the command was read from, as it was sent; null if there was none or it was a file
    std::optional<std::uint64_t> patched = {};  // version of what a patch was applied to; the command is for it alone
};

// Documents of the plan are native JSON, or of another form that shows in the content; then the query says what a
// calendar becomes (nodeGroup, exclusionSet). Pointers into native documents lead into them, others are followed by
// their line; pointers into a patch lead into what it makes.
Result<Wish> wishOf(const native::RouteRow& row, const http::Request& request, const std::string& parameter,
                    const QueryParameters& query, const Sight& sight);

}  // namespace headgate
