#pragma once

#include "core/domain/provision.h"
#include "core/domain/recording.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate::test {

// As a control plane shows it: its secrets are masked.
inline StoredProvision shownProvision(const std::string& guid, const std::string& document,
                                      std::optional<TimePoint> distributedAt, TimePoint now,
                                      const std::string& group = "eu-live")
{
    StoredProvision stored;
    stored.nodeGroup = NodeGroupName(group);
    stored.provision.guid = guid;
    stored.provision.streams = {{"live", guid}};
    stored.provision.capabilities = {"PUBLISH"};
    stored.provision.document = document;
    stored.version = 2;
    stored.createdAt = now - std::chrono::hours(30);
    stored.updatedAt = now - std::chrono::hours(3);
    stored.updatedBy = "ann";
    stored.origin.createdBy = "ben";
    stored.distributedAt = distributedAt;
    return stored;
}

// A source and a push that nodes have, a recording and a rendition that are only stored; sorted by key.
inline StoredProvisionsPtr sampleProvisions(TimePoint now)
{
    const auto camera = [](const std::string& guid, const std::string& properties) {
        return R"({"provisionGuid":")" + guid + R"(","streams":[{"streamGuid":"live/)" + guid +
               R"(","camParams":{"properties":)" + properties + "}}]}";
    };
    const TimePoint since = now - std::chrono::hours(2);
    return std::make_shared<const StoredProvisions>(StoredProvisions{
        shownProvision("archive",
                       R"({"provisionGuid":"archive","streams":[{"streamGuid":"live/archive","record":true}]})", {},
                       now),
        shownProvision("gate-camera", camera("gate-camera", R"({"type":"rtsp","rtspUri":"rtsp://10.1.4.20/********"})"),
                       since, now),
        shownProvision("ladder",
                       R"({"provisionGuid":"ladder","streams":[{"streamGuid":"live/ladder","videoParams":{}}]})", {},
                       now),
        shownProvision("partner",
                       camera("partner", R"({"type":"rtmp-push","rtmpUri":"rtmps://partner.example/in/********"})"),
                       since, now)});
}

inline std::vector<Recording> sampleRecordings(TimePoint now)
{
    std::vector<Recording> all;
    for (const char* name : {"cup-final", "fan-zone", "training"}) {
        Recording& recording = all.emplace_back();
        recording.nodeGroup = NodeGroupName("eu-live");
        recording.stream = {"live", name};
        recording.id = std::string(name) + "-7";
        recording.place = all.size() == 2 ? "store" : "disk";
        recording.startedAt = now - std::chrono::hours(26 * all.size());
        recording.length = std::chrono::minutes(93);
        recording.bytes = 3'412'000'000;
        recording.isComplete = all.size() > 1;
        recording.playUrl = "http://127.77.0.2:5080/vod/live/" + std::string(name) + "/7/index.m3u8";
        recording.downloadUrl = "http://127.77.0.2:5080/vod/live/" + std::string(name) + "/7/all.mp4";
    }
    return all;
}

}  // namespace headgate::test
