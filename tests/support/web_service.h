#pragma once

#include <QByteArray>
#include <QHostAddress>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QObject>
#include <QString>
#include <QTcpServer>
#include <QTcpSocket>

#include <functional>
#include <memory>

namespace headgate::test {

// A service that others call by POST, on the test's own event loop.
class WebService
{
public:
    struct Call
    {
        QByteArray path;
        QByteArray head;
        QByteArray body;

        QJsonObject object() const { return QJsonDocument::fromJson(body).object(); }
        QByteArray header(const QByteArray& name) const
        {
            const qsizetype at = head.indexOf("\r\n" + name + ": ");
            if (at < 0)
                return {};
            const qsizetype from = at + name.size() + 4;
            return head.mid(from, head.indexOf("\r\n", from) - from);
        }
    };

    // A whole answer; empty: none at all.
    std::function<QByteArray(const Call&)> answer = [](const Call&) { return reply(200, R"({"result":true})"); };
    QList<Call> calls;

    bool start(quint16 port = 0)
    {
        m_server = std::make_unique<QTcpServer>();
        QObject::connect(m_server.get(), &QTcpServer::newConnection, m_server.get(), [this] {
            while (QTcpSocket* client = m_server->nextPendingConnection())
                QObject::connect(client, &QTcpSocket::readyRead, client, [this, client] { read(*client); });
        });
        if (!m_server->listen(QHostAddress::LocalHost, port))
            return false;
        m_port = m_server->serverPort();
        return true;
    }
    void stop() { m_server.reset(); }
    bool startAgain() { return start(m_port); }
    QString url(const QString& path) const { return QStringLiteral("http://127.0.0.1:%1%2").arg(m_port).arg(path); }

    static QByteArray reply(int status, const QByteArray& body)
    {
        return "HTTP/1.1 " + QByteArray::number(status) +
               " Said\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    }

    QList<Call> callsOf(const QByteArray& path) const
    {
        QList<Call> found;
        for (const Call& call : calls) {
            if (call.path == path)
                found.append(call);
        }
        return found;
    }

private:
    void read(QTcpSocket& client)
    {
        const QByteArray text = client.peek(1 << 20);
        const qsizetype end = text.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        Call call{text.split(' ').value(1), text.left(end + 2), {}};
        const qsizetype size = call.header("Content-Length").toLongLong();
        if (text.size() < end + 4 + size)
            return;
        call.body = text.mid(end + 4, size);
        client.skip(end + 4 + size);
        calls.append(call);
        const QByteArray said = answer(call);
        client.write(call.head.startsWith("HEAD ") ? said.left(said.indexOf("\r\n\r\n") + 4) : said);
        if (said.contains("\r\nConnection: close\r\n"))
            client.disconnectFromHost();
    }

    std::unique_ptr<QTcpServer> m_server;
    quint16 m_port = 0;
};

}  // namespace headgate::test
