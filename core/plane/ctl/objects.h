#pragma once

#include "core/plane/ctl/commands.h"

// Single objects of the control plane by kind and name.
namespace headgate::ctl {

// What an object is now, and what was done to it lately.
Outcome<void> runDescribe(Session& session, const Desk& desk);

// Opens the object's document in $VISUAL or $EDITOR and sends what was changed. Where somebody else changed it
// meanwhile the editor is opened again, on the new version with the changes in it.
Outcome<void> runEdit(Session& session, const Desk& desk);

// The merge patch (RFC 7396) that makes `after` of `before`, both objects; members that become null cannot be told
// from those that go.
nlohmann::json mergePatchBetween(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace headgate::ctl
