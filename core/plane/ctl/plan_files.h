#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// The plan with its node groups, or one node group, as a file.
Outcome<void> runExport(Session& session, const Desk& desk);

// Of a file, or of a Stream Manager.
Outcome<void> runImport(Session& session, const Desk& desk);

// What the text of a file holds, read beside what is stored.
Outcome<PlanDocument> planOf(Session& session, const Arguments& arguments, const std::string& text);

// What comes and goes, one a line.
std::string namesIn(const std::vector<FieldChange>& changes);

}  // namespace headgate::ctl
