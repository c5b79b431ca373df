#pragma once

#include "tests/support/media_tools.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QMap>
#include <QPair>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>
#include <vector>

namespace headgate::test {

struct HttpAnswer
{
    int status = 0;  // 0 = no answer; then `body` says why
    QByteArray body;
    QByteArray etag;
    QMap<QByteArray, QByteArray> fields;  // by their names in lower case; of several of one name all, with commas

    QJsonObject object() const { return QJsonDocument::fromJson(body).object(); }
    QJsonArray array() const { return QJsonDocument::fromJson(body).array(); }
};

HttpAnswer callHttp(const QByteArray& method, const QString& url, const QByteArray& body = {},
                    const QList<QPair<QByteArray, QByteArray>>& headers = {});

struct ClusterNode
{
    QString id;
    QString role;
    QString subgroup;
    QString state;
    QString health;
    QString address;
    qint64 pid = 0;
    bool isSealed = false;
    int children = 0;

    bool operator==(const ClusterNode&) const = default;
};

// A real headgated with its real nodes: own data directory, own port, own loopback network. Everything that it started
// ends with it.
class Cluster
{
public:
    Cluster();
    ~Cluster();

    static QString program(const QString& name);  // in HEADGATE_BIN_DIR

    // Starts headgated and waits for healthz. `extra` replaces the defaults of earlier calls.
    bool start(const QStringList& extra = {"--platform-map", "AWS=LOCAL,OCI=LOCAL"});
    bool startAgain() { return start(m_extra); }
    void killControlPlane();                        // as kill -9 does
    bool stopControlPlane(int timeoutMs = 20'000);  // as SIGTERM does; nodes end with it
    Child& daemon() { return m_daemon; }
    QStringList daemonArguments() const;

    QString url() const { return m_url; }
    QString dataDir() const { return m_dir.filePath("data"); }
    QString path(const QString& name) const { return m_dir.filePath(name); }
    QString network() const { return m_network; }
    QString adminPassword() const { return QStringLiteral("a rather long password"); }
    QString passwordFile() const { return m_dir.filePath("password"); }

    HttpAnswer call(const QByteArray& method, const QString& target, const QByteArray& body = {},
                    const QList<QPair<QByteArray, QByteArray>>& headers = {});
    bool logIn();  // all calls carry the token from then on
    QByteArray token() const { return m_token; }

    // The document of tests/e2e/data, as it stands there.
    static QByteArray document(const QString& name);
    bool createNodeGroup(const QByteArray& document);
    bool waitInService(const QString& group, int count, int timeoutMs = 60'000);

    QJsonObject snapshot();
    std::vector<ClusterNode> nodes(const QString& role = {});
    ClusterNode node(const QString& id);      // empty id if it is gone
    QJsonObject stream(const QString& path);  // StreamStatus of the snapshot; empty if not live
    int carriers(const QString& path) { return static_cast<int>(stream(path)["hops"].toArray().size()); }

    // What the calls S3 and S4 answer as serverAddress; empty if refused.
    QString publishAddress(const QString& group, const QString& path);
    QString subscribeAddress(const QString& group, const QString& path);
    QString waitForSubscribeAddress(const QString& group, const QString& path, int timeoutMs = 30'000);

    // Logs of headgated and all nodes, for a failed check's message.
    QByteArray report() const;

private:
    bool startOnPort(quint16 port);
    void endLeftovers();

    QTemporaryDir m_dir;
    QString m_network;
    QString m_url;
    quint16 m_port = 0;
    QByteArray m_token;
    QStringList m_extra;
    Child m_daemon;
};

// Kills one process that a cluster started.
void killProcess(qint64 pid);
bool isAlive(qint64 pid);

}  // namespace headgate::test
