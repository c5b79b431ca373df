#pragma once

#include "tests/support/impaired_udp.h"

#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUdpSocket>

#include <memory>
#include <numeric>
#include <optional>
#include <vector>

namespace headgate::test {

// A bad network between loopback clients of RTSP over UDP and a server: requests and answers come through as they are
// but for the ports, whose packets take impaired ways. Lives on the event loop of the test.
class ImpairedRtsp
{
public:
    ImpairedRtsp(const QString& serverAddress, quint16 serverPort, std::uint64_t seed)
        : m_address(serverAddress), m_port(serverPort), m_seed(seed)
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server,
                         [this] { join(*m_server.nextPendingConnection()); });
    }

    QString url(const QString& stream) const
    {
        return QStringLiteral("rtsp://127.0.0.1:%1/%2").arg(m_server.serverPort()).arg(stream);
    }
    void set(const Impairment& toServer, const Impairment& toClients) { m_impairments = {toServer, toClients}; }
    std::uint64_t lost() const
    {
        return std::accumulate(m_ways.begin(), m_ways.end(), std::uint64_t{0},
                               [](std::uint64_t sum, const auto& way) { return sum + way->lost(); });
    }

private:
    using Ports = std::array<quint16, 2>;
    // Of the transport that a client asked for last.
    struct Setup
    {
        Ports client{}, front{}, back{};
    };

    // Next to each other, the first one even, as RTP wants them.
    static Ports freePorts()
    {
        for (;;) {
            QUdpSocket first, second;
            first.bind(QHostAddress::LocalHost);
            const quint16 port = first.localPort();
            if (port % 2 == 0 && second.bind(QHostAddress::LocalHost, static_cast<quint16>(port + 1)))
                return {port, static_cast<quint16>(port + 1)};
        }
    }

    static QByteArray textOf(const Ports& ports)
    {
        return QByteArray::number(ports[0]) + "-" + QByteArray::number(ports[1]);
    }

    // "client_port=5000-5001" in a line; none if it is not there.
    static std::optional<Ports> portsIn(const QByteArray& line, const char* name)
    {
        const QRegularExpression pattern(QLatin1String(name) + QStringLiteral("=(\\d+)-(\\d+)"));
        const auto match = pattern.match(QString::fromLatin1(line));
        if (!match.hasMatch())
            return std::nullopt;
        return Ports{match.captured(1).toUShort(), match.captured(2).toUShort()};
    }

    void join(QTcpSocket& client)
    {
        auto* server = new QTcpSocket(&client);
        auto setup = std::make_shared<Setup>();
        QObject::connect(&client, &QTcpSocket::readyRead, server, [this, &client, server, setup] {
            carry(client, *server, [this, setup](QByteArray line) { return asked(std::move(line), *setup); });
        });
        QObject::connect(server, &QTcpSocket::readyRead, &client, [this, &client, server, setup] {
            carry(*server, client, [this, setup](QByteArray line) { return answered(std::move(line), *setup); });
        });
        QObject::connect(&client, &QTcpSocket::disconnected, server, &QTcpSocket::disconnectFromHost);
        QObject::connect(server, &QTcpSocket::disconnected, &client, &QTcpSocket::disconnectFromHost);
        server->connectToHost(m_address, m_port);
    }

    // Line by line, since only whole ones can be changed.
    template <typename Change>
    static void carry(QTcpSocket& from, QTcpSocket& to, const Change& change)
    {
        while (from.canReadLine())
            to.write(change(from.readLine()));
        if (!QByteArray("Transport:").startsWith(from.peek(10)))
            to.write(from.readAll());
    }

    static QByteArray asked(QByteArray line, Setup& setup)
    {
        const auto ports = portsIn(line, "client_port");
        if (!ports)
            return line;
        setup = {*ports, freePorts(), freePorts()};
        return line.replace(textOf(*ports), textOf(setup.back));
    }

    QByteArray answered(QByteArray line, const Setup& setup)
    {
        const auto ports = portsIn(line, "server_port");
        if (!ports)
            return line;
        for (std::size_t i = 0; i < 2; ++i) {
            const ImpairedUdp::Client client{"127.0.0.1", setup.client[i], setup.front[i], setup.back[i]};
            m_ways.push_back(
                std::make_unique<ImpairedUdp>(m_address.toStdString(), (*ports)[i], m_seed + m_ways.size(), client));
            m_ways.back()->set(m_impairments[0], m_impairments[1]);
        }
        return line.replace(textOf(setup.back), textOf(setup.client)).replace(textOf(*ports), textOf(setup.front));
    }

    const QString m_address;
    const quint16 m_port;
    const std::uint64_t m_seed;
    std::array<Impairment, 2> m_impairments;
    std::vector<std::unique_ptr<ImpairedUdp>> m_ways;
    QTcpServer m_server;
};

}  // namespace headgate::test
