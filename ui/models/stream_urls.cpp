#include "ui/models/stream_urls.h"

namespace headgate {

namespace {

constexpr std::uint16_t standardRtmpPort = 1935;

QString hostOf(const NodeEndpoints& endpoints)
{
    const QString address = QString::fromStdString(endpoints.address);
    return address.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(address) : address;
}

// Of what the node's HTTP port has of a stream.
QString httpPlace(const NodeEndpoints& endpoints, const QString& path)
{
    return QStringLiteral("%1:%2/%3").arg(hostOf(endpoints), QString::number(endpoints.httpPort), path);
}

QString fileOf(const StreamKey& stream, const char* extension)
{
    return QString::fromStdString(stream.path()) + QLatin1String(extension);
}

}  // namespace

QString rtmpUrl(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    QString url = QStringLiteral("rtmp://") + hostOf(endpoints);
    if (endpoints.rtmpPort != standardRtmpPort)
        url += QLatin1Char(':') + QString::number(endpoints.rtmpPort);
    return url + QLatin1Char('/') + QString::fromStdString(stream.path());
}

QString rtmpsUrl(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    return QStringLiteral("rtmps://%1:%2/%3")
        .arg(hostOf(endpoints), QString::number(endpoints.rtmpsPort), QString::fromStdString(stream.path()));
}

QString flvUrl(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    return QStringLiteral("http://") + httpPlace(endpoints, fileOf(stream, ".flv"));
}

QString webSocketFlvUrl(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    return QStringLiteral("ws://") + httpPlace(endpoints, fileOf(stream, ".flv"));
}

QString hlsUrl(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    return QStringLiteral("http://") + httpPlace(endpoints, fileOf(stream, ".m3u8"));
}

QString rtspUrl(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    return QStringLiteral("rtsp://%1:%2/%3")
        .arg(hostOf(endpoints), QString::number(endpoints.rtspPort), fileOf(stream, ""));
}

QString srtUrl(const NodeEndpoints& endpoints, const StreamKey& stream, RoutePurpose purpose)
{
    return QStringLiteral("srt://%1:%2?streamid=%3%4")
        .arg(hostOf(endpoints), QString::number(endpoints.srtPort),
             purpose == RoutePurpose::Publish ? QStringLiteral("publish/") : QString(), fileOf(stream, ""));
}

QString webrtcUrl(const NodeEndpoints& endpoints, const StreamKey& stream, RoutePurpose purpose)
{
    const QString way = purpose == RoutePurpose::Publish ? QStringLiteral("whip/") : QStringLiteral("whep/");
    return QStringLiteral("http://") + httpPlace(endpoints, way + fileOf(stream, ""));
}

std::vector<PlayAddress> playAddresses(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    std::vector<PlayAddress> all = {
        {QStringLiteral("HTTP-FLV"), flvUrl(endpoints, stream)},
        {QStringLiteral("RTMP"), rtmpUrl(endpoints, stream)},
        {QStringLiteral("HLS"), hlsUrl(endpoints, stream)},
        {QStringLiteral("MPEG-TS"), QStringLiteral("http://") + httpPlace(endpoints, fileOf(stream, ".ts"))}};
    if (endpoints.webrtcPort > 0)
        all.push_back({QStringLiteral("WebRTC"), webrtcUrl(endpoints, stream, RoutePurpose::Subscribe)});
    if (endpoints.srtPort > 0)
        all.push_back({QStringLiteral("SRT"), srtUrl(endpoints, stream, RoutePurpose::Subscribe)});
    if (endpoints.rtspPort > 0)
        all.push_back({QStringLiteral("RTSP"), rtspUrl(endpoints, stream)});
    return all;
}

}  // namespace headgate
