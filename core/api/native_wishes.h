#pragma once

#include "core/api/api_context.h"
#include "core/wire/native_routes.h"

namespace headgate {

// The command that a request for a writing route means.
Result<Command> wishOf(const native::RouteRow& row, const http::Request& request, const std::string& parameter,
                       const QueryParameters& query, const EngineHost& host);

// A document of the plan out of a body: native JSON, or any other form by its content; the query says what a calendar
// becomes (nodeGroup, exclusionSet). Pointers of native documents
// lead into it; those of others are followed by their line.
Result<PlanDocument> planDocumentIn(const http::Request& request, const EngineHost& host);

}  // namespace headgate
