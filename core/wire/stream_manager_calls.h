#pragma once

#include "core/domain/command.h"
#include "core/domain/plan_document.h"
#include "core/domain/route.h"
#include "core/wire/native_routes.h"

// The calls of the Stream Manager 2.0 dialect by which commands are carried out. It knows whole configurations only: a
// schedule is a part of its node group's document, and is written with it.
namespace headgate::stream_manager {

// `present` is what the server has, as placedPlanFromJson() reads it. Unsupported, with the reason, for what the
// dialect cannot say; NotFound where the command needs a node group that is not there. Of a dry run it tells what is
// committed.
Result<native::HttpCall> callFor(const CommandRequest& request, const PlanDocument& present = {});

// "/as/v1/admin/nodegroup/live"; names are percent-encoded, slashes between segments stay.
std::string nodeGroupPath(const std::string& name);
std::string provisionPath(const ProvisionKey& key);
// Of the call that chooses a node, with its query.
std::string routePath(const RouteRequest& request);

}  // namespace headgate::stream_manager
