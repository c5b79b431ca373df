#pragma once

#include "core/domain/ice_server.h"
#include "core/domain/job.h"
#include "core/domain/recording.h"
#include "core/domain/recording_settings.h"
#include "core/wire/native_image_fields.h"

// What is kept of streams, what nodes do for them, and how browsers reach them, as in native_fields.h.
namespace headgate::native {

void describe(auto& f, Either<S3Settings> auto& store)
{
    f.optional("endpoint", store.endpoint);
    f.optional("region", store.region);
    f.required("bucket", store.bucket);
    f.optional("prefix", store.prefix);
    f.required("accessKey", store.accessKey);
    f.required("secretKey", store.secretKey);
    f.optional("isPathStyle", store.isPathStyle);
    f.optional("deletesLocal", store.deletesLocal);
}

void describe(auto& f, Either<RecordingSettings> auto& settings)
{
    f.optional("isOn", settings.isOn);
    f.optional("format", settings.format);
    f.optional("segmentSeconds", settings.segmentSeconds);
    f.optional("mostBytes", settings.mostBytes);
    f.optional("mostHours", settings.mostHours);
    f.optional("store", settings.store);
}

void describe(auto& f, Either<Recording> auto& recording)
{
    f.required("nodeGroup", recording.nodeGroup);
    f.required("stream", recording.stream);
    f.required("id", recording.id);
    f.required("place", recording.place);
    f.required("startedAt", recording.startedAt);
    f.required("lengthMs", recording.length);
    f.required("bytes", recording.bytes);
    f.required("isComplete", recording.isComplete);
    f.optional("playUrl", recording.playUrl);
    f.optional("downloadUrl", recording.downloadUrl);
}

void describe(auto& f, Either<RecordingPage> auto& page)
{
    f.required("recordings", page.recordings);
    f.optional("nextCursor", page.next);
}

void describe(auto& f, Either<IceServer> auto& server)
{
    f.required("url", server.url);
    f.optional("credential", server.credential);
    f.optional("username", server.username);
    f.optional("secret", server.secret);
}

void describe(auto& f, Either<JobReport> auto& report)
{
    f.required("id", report.id);
    f.required("kind", report.kind);
    f.required("state", report.state);
    f.required("stream", report.stream);
    f.optional("target", report.target);
    f.optional("reason", report.reason);
    f.instantOrNever("since", report.since);
    f.optional("attempts", report.attempts);
    f.optional("bytes", report.bytes);
    f.optional("bitsPerSecond", report.bitsPerSecond);
}

void describe(auto& f, Either<JobStatus> auto& job)
{
    f.required("nodeGroup", job.nodeGroup);
    f.required("node", job.node);
    f.required("report", job.report);
}

void describe(auto& f, Either<SrtFigures> auto& figures)
{
    f.required("sessions", figures.sessions);
    f.required("packetsReceived", figures.packetsReceived);
    f.required("packetsSent", figures.packetsSent);
    f.required("packetsLost", figures.packetsLost);
    f.required("packetsRetransmitted", figures.packetsRetransmitted);
    f.required("packetsDropped", figures.packetsDropped);
    f.required("roundTripMs", figures.roundTripMs);
}

}  // namespace headgate::native
