#pragma once

#include "core/domain/decision.h"

#include <optional>
#include <string>
#include <string_view>

namespace headgate::native {

// What AuditRecord::after holds of a decision of the engine:
// {"decision":{"rule":"...","values":[{"name","value"}],"rejected":[{"name","value"}]}}
std::string decisionDocument(const Decision& decision);

// None if the text is anything else.
std::optional<Decision> decisionIn(std::string_view text);

}  // namespace headgate::native
