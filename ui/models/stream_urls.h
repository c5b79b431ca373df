#pragma once

#include "core/domain/node.h"
#include "core/domain/route.h"
#include "core/domain/stream.h"

#include <QString>

#include <vector>

namespace headgate {

// "rtmp://127.77.0.2/live/show1"; the port is left out where it is the protocol's own (1935). Serves for publishing
// and for playing.
QString rtmpUrl(const NodeEndpoints& endpoints, const StreamKey& stream);

// "rtmps://127.77.0.2:1936/live/show1"; for nodes that have the port only.
QString rtmpsUrl(const NodeEndpoints& endpoints, const StreamKey& stream);

// "http://127.77.0.2:5080/live/show1.flv"
QString flvUrl(const NodeEndpoints& endpoints, const StreamKey& stream);

// "ws://127.77.0.2:5080/live/show1.flv"
QString webSocketFlvUrl(const NodeEndpoints& endpoints, const StreamKey& stream);

// "http://127.77.0.2:5080/live/show1.m3u8"
QString hlsUrl(const NodeEndpoints& endpoints, const StreamKey& stream);

// "srt://127.77.0.2:8890?streamid=live/show1", "...=publish/live/show1"; for nodes that have the port only.
QString rtspUrl(const NodeEndpoints& endpoints, const StreamKey& stream);
QString srtUrl(const NodeEndpoints& endpoints, const StreamKey& stream, RoutePurpose purpose);

// "http://127.77.0.2:5080/whep/live/show1", ".../whip/live/show1"; for nodes that have the port only.
QString webrtcUrl(const NodeEndpoints& endpoints, const StreamKey& stream, RoutePurpose purpose);

// By what a player of ours can watch at a node, and where; the first is the quickest.
struct PlayAddress
{
    QString protocol;  // "HTTP-FLV"
    QString url;
};
std::vector<PlayAddress> playAddresses(const NodeEndpoints& endpoints, const StreamKey& stream);

}  // namespace headgate
