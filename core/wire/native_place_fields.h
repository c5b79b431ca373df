#pragma once

#include "core/domain/deployment.h"
#include "core/domain/region.h"
#include "core/wire/native_image_fields.h"

// Regions and deployments, as in native_fields.h.
namespace headgate::native {

void describe(auto& f, Either<Region> auto& region)
{
    f.required("name", region.name);
    f.required("title", region.title);
    f.required("latitude", region.latitude);
    f.required("longitude", region.longitude);
}

void describe(auto& f, Either<RegionDemand> auto& demand)
{
    f.required("region", demand.region);
    f.optional("publishers", demand.publishers);
    f.optional("viewers", demand.viewers);
    f.optional("height", demand.height);
    f.optional("kilobits", demand.kilobits);
    f.optional("framesPerSecond", demand.framesPerSecond);
}

void describe(auto& f, Either<PriceBook> auto& prices)
{
    f.optional("currency", prices.currency);
    f.optional("hourly", prices.hourly);
    f.optional("perGigabyte", prices.perGigabyte);
}

void describe(auto& f, Either<Deployment> auto& deployment)
{
    f.required("name", deployment.name);
    f.optional("description", deployment.description);
    f.optional("nodeGroups", deployment.nodeGroups);
    f.optional("demand", deployment.demand);
    f.optional("prices", deployment.prices);
}

void describe(auto& f, Either<RegionStatus> auto& status)
{
    f.required("region", status.region);
    f.required("version", status.version);
    f.instantOrNever("createdAt", status.createdAt);
    f.instantOrNever("updatedAt", status.updatedAt);
    f.optional("updatedBy", status.updatedBy);
    f.optional("uid", status.origin.uid);
    f.optional("createdBy", status.origin.createdBy);
}

void describe(auto& f, Either<DeploymentStatus> auto& status)
{
    f.required("deployment", status.stored.deployment);
    f.required("power", status.stored.power);
    f.instantOrNever("restartedAt", status.stored.restartedAt);
    f.required("version", status.stored.version);
    f.required("createdAt", status.stored.createdAt);
    f.required("updatedAt", status.stored.updatedAt);
    f.required("updatedBy", status.stored.updatedBy);
    f.optional("uid", status.stored.origin.uid);
    f.optional("createdBy", status.stored.origin.createdBy);
    f.required("state", status.state);
    f.required("waitsFor", status.waitsFor);
}

}  // namespace headgate::native
