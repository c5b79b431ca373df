#pragma once

#include "core/domain/node_image_record.h"

#include <type_traits>

// Node images and media settings, as in native_fields.h.
namespace headgate::native {

template <typename T, typename Wanted>
concept Either = std::is_same_v<std::remove_const_t<T>, Wanted>;

void describe(auto& f, Either<MediaSettings> auto& settings)
{
    f.optional("mergeWindow", settings.mergeWindow);
    f.optional("latency", settings.latency);
    f.optional("srtLatencyMs", settings.srtLatencyMs);
    f.optional("hlsWindowSeconds", settings.hlsWindowSeconds);
}

void describe(auto& f, Either<CapacityMeasurement> auto& measurement)
{
    f.required("measuredAt", measurement.measuredAt);
    f.required("streamBitsPerSecond", measurement.streamBitsPerSecond);
    f.optional("mergeWindow", measurement.mergeWindow);
    f.required("viewersPerCore", measurement.viewersPerCore);
    f.optional("publishersPerCore", measurement.publishersPerCore);
    f.optional("bitsOutPerSecond", measurement.bitsOutPerSecond);
    f.optional("cpuSecondsPerGbit", measurement.cpuSecondsPerGbit);
    f.optional("cores", measurement.cores);
    f.optional("machine", measurement.machine);
    f.optional("toolVersion", measurement.toolVersion);
}

void describe(auto& f, Either<NodeImageRecord> auto& record)
{
    f.required("name", record.name);
    f.optional("description", record.description);
    f.optional("measurements", record.measurements);
}

void describe(auto& f, Either<NodeLimits> auto& limits)
{
    f.required("viewers", limits.viewers);
    f.required("bitsOutPerSecond", limits.bitsOutPerSecond);
    f.required("publishers", limits.publishers);
    f.required("source", limits.source);
}

void describe(auto& f, Either<NodeImageUse> auto& use)
{
    f.required("nodeGroup", use.nodeGroup);
    f.required("imageName", use.imageName);
    f.required("roles", use.roles);
    f.required("nodes", use.nodes);
}

void describe(auto& f, Either<NodeImageStatus> auto& status)
{
    f.required("image", status.record);
    f.required("version", status.version);
    f.instantOrNever("createdAt", status.createdAt);
    f.instantOrNever("updatedAt", status.updatedAt);
    f.required("updatedBy", status.updatedBy);
    f.optional("uid", status.origin.uid);
    f.optional("createdBy", status.origin.createdBy);
    f.required("softwareVersions", status.softwareVersions);
    f.required("uses", status.uses);
}

}  // namespace headgate::native
