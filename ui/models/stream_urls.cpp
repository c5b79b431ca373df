#include "ui/models/stream_urls.h"

namespace headgate {

namespace {

constexpr std::uint16_t standardRtmpPort = 1935;

QString hostOf(const NodeEndpoints& endpoints)
{
    const QString address = QString::fromStdString(endpoints.address);
    return address.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(address) : address;
}

QString flvPlace(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    return QStringLiteral("%1:%2/%3.flv")
        .arg(hostOf(endpoints), QString::number(endpoints.httpPort), QString::fromStdString(stream.path()));
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
    return QStringLiteral("http://") + flvPlace(endpoints, stream);
}

QString webSocketFlvUrl(const NodeEndpoints& endpoints, const StreamKey& stream)
{
    return QStringLiteral("ws://") + flvPlace(endpoints, stream);
}

}  // namespace headgate
