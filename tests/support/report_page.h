#pragma once

#include <QHostAddress>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>
#include <QTcpServer>
#include <QTcpSocket>

#include <utility>

namespace headgate::test {

// Serves one page to a browser and takes what its script reports by POST, as an object of JSON.
class ReportPage
{
public:
    explicit ReportPage(QByteArray page) : m_page(std::move(page))
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server,
                         [this] { take(*m_server.nextPendingConnection()); });
    }

    // The query is what the page works on.
    QString url(const QString& query) const
    {
        return QStringLiteral("http://127.0.0.1:%1/?%2").arg(m_server.serverPort()).arg(query);
    }
    const QJsonObject& report() const { return m_report; }

    // Of a Chromium without a screen that shows the page and may use WebRTC on loopback.
    QStringList browserArguments(const QString& profile, const QString& query) const
    {
        return {"--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--no-proxy-server",
                "--allow-loopback-in-peer-connection",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--user-data-dir=" + profile,
                url(query)};
    }

private:
    void take(QTcpSocket& socket)
    {
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this, &socket, request = QByteArray()]() mutable {
            request += socket.readAll();
            const qsizetype head = request.indexOf("\r\n\r\n");
            const QJsonDocument body = QJsonDocument::fromJson(request.mid(head + 4));
            if (head < 0 || (request.startsWith("POST") && body.isNull()))
                return;
            if (body.isObject())
                m_report = body.object();
            const QByteArray answer = request.startsWith("GET /?") ? m_page : QByteArray();
            socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: " +
                         QByteArray::number(answer.size()) + "\r\n\r\n" + answer);
            socket.disconnectFromHost();
        });
    }

    QByteArray m_page;
    QTcpServer m_server;
    QJsonObject m_report;
};

}  // namespace headgate::test
