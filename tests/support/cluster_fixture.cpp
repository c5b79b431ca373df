#include "tests/support/cluster_fixture.h"

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QEventLoop>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>

#include <algorithm>
#include <csignal>

namespace headgate::test {

namespace {

constexpr int callTimeoutMs = 15'000;

QByteArray tail(const QString& fileName, qint64 bytes)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return "(not there)\n";
    file.seek(std::max<qint64>(0, file.size() - bytes));
    return file.readAll();
}

}  // namespace

void killProcess(qint64 pid)
{
    if (pid > 1)
        ::kill(static_cast<pid_t>(pid), SIGKILL);
}

bool isAlive(qint64 pid)
{
    // The remains of a process that nobody has waited for are not alive.
    QFile status(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!status.open(QIODevice::ReadOnly))
        return false;
    const QByteArray line = status.readAll();
    return line.mid(line.lastIndexOf(')') + 2, 1) != "Z";
}

HttpAnswer callHttp(const QByteArray& method, const QString& url, const QByteArray& body,
                    const QList<QPair<QByteArray, QByteArray>>& headers)
{
    QNetworkRequest request{QUrl(url)};
    request.setTransferTimeout(callTimeoutMs);
    request.setHeader(QNetworkRequest::ContentTypeHeader, "application/json");
    // Without it a 401 makes Qt try by itself.
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    for (const auto& [name, value] : headers)
        request.setRawHeader(name, value);
    QNetworkAccessManager http;
    const std::unique_ptr<QNetworkReply> reply(http.sendCustomRequest(request, method, body));
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    if (!reply->isFinished())
        loop.exec();
    HttpAnswer answer;
    answer.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.body = answer.status == 0 ? reply->errorString().toUtf8() : reply->readAll();
    answer.etag = reply->rawHeader("ETag");
    for (const auto& [name, value] : reply->rawHeaderPairs())
        answer.fields[name.toLower()] = value;
    return answer;
}

// Short, since the path of a Unix socket below it has at most 107 bytes.
Cluster::Cluster() : m_dir(QStringLiteral("/tmp/hg-e2e-XXXXXX"))
{
    const qint64 pid = QCoreApplication::applicationPid();
    m_network = QStringLiteral("127.%1.%2.0/24").arg(100 + pid / 256 % 100).arg(pid % 256);
    QFile password(passwordFile());
    if (password.open(QIODevice::WriteOnly))
        password.write(adminPassword().toUtf8() + "\n");
    password.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
}

Cluster::~Cluster()
{
    if (m_daemon.isRunning())
        stopControlPlane();
    m_daemon.kill();
    endLeftovers();
}

QString Cluster::program(const QString& name)
{
    return qEnvironmentVariable("HEADGATE_BIN_DIR") + "/" + name;
}

QStringList Cluster::daemonArguments() const
{
    return QStringList{"--data-dir",
                       dataDir(),
                       "--listen",
                       QStringLiteral("127.0.0.1:%1").arg(m_port),
                       "--admin-password-file",
                       passwordFile(),
                       "--local-network",
                       m_network,
                       "--stop-nodes"} +
           m_extra;
}

bool Cluster::start(const QStringList& extra)
{
    m_extra = extra;
    if (m_port != 0)
        return startOnPort(m_port);
    // A port that is free now may be somebody's a moment later.
    for (int attempt = 0; attempt < 3; ++attempt) {
        if (startOnPort(freePort()))
            return true;
    }
    return false;
}

bool Cluster::startOnPort(quint16 port)
{
    m_port = port;
    m_url = QStringLiteral("http://127.0.0.1:%1").arg(m_port);
    m_daemon.start(program("headgated"), daemonArguments(), path("headgated.log"));
    return waitUntil([this] { return !m_daemon.isRunning() || call("GET", "/as/v1/admin/healthz").status == 200; },
                     30'000) &&
           m_daemon.isRunning();
}

void Cluster::killControlPlane()
{
    m_daemon.kill();
}

bool Cluster::stopControlPlane(int timeoutMs)
{
    m_daemon.terminate();
    return m_daemon.waitForEnd(timeoutMs);
}

HttpAnswer Cluster::call(const QByteArray& method, const QString& target, const QByteArray& body,
                         const QList<QPair<QByteArray, QByteArray>>& headers)
{
    QList<QPair<QByteArray, QByteArray>> all;
    if (!m_token.isEmpty())
        all.append({"Authorization", "Bearer " + m_token});
    return callHttp(method, m_url + target, body, all + headers);
}

bool Cluster::logIn()
{
    m_token.clear();
    const QByteArray basic = ("admin:" + adminPassword()).toUtf8().toBase64();
    const HttpAnswer answer = call("PUT", "/as/v1/auth/login", {}, {{"Authorization", "Basic " + basic}});
    m_token = answer.object()["token"].toString().toUtf8();
    return answer.status == 200 && !m_token.isEmpty();
}

QByteArray Cluster::document(const QString& name)
{
    QFile file(qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/tests/e2e/data/" + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool Cluster::createNodeGroup(const QByteArray& document)
{
    return call("POST", "/as/v1/admin/nodegroup", document).status == 200;
}

bool Cluster::waitInService(const QString& group, int count, int timeoutMs)
{
    return waitUntil(
        [&] {
            const QJsonArray nodes = call("GET", "/as/v1/admin/nodegroup/status/" + group).array();
            return nodes.size() == count && std::all_of(nodes.begin(), nodes.end(), [](const QJsonValue& node) {
                       return node["scalingEvent"]["state"].toString() == "INSERVICE";
                   });
        },
        timeoutMs);
}

QJsonObject Cluster::snapshot()
{
    return call("GET", "/api/v1/snapshot").object();
}

std::vector<ClusterNode> Cluster::nodes(const QString& role)
{
    std::vector<ClusterNode> found;
    const QJsonArray all = snapshot()["nodes"].toArray();
    for (const QJsonValue status : all) {
        const QJsonObject facts = status["node"].toObject();
        ClusterNode node;
        node.id = facts["id"].toString();
        node.role = facts["pool"]["role"].toString();
        node.subgroup = facts["pool"]["subgroup"].toString();
        node.state = facts["state"].toString();
        node.health = facts["health"].toString();
        node.address = facts["endpoints"]["address"].toString();
        node.pid = facts["providerReference"].toString().section(':', 0, 0).toLongLong();
        node.isSealed = status["isSealed"].toBool();
        node.children = status["load"]["children"].toInt();
        if (role.isEmpty() || node.role == role)
            found.push_back(node);
    }
    return found;
}

ClusterNode Cluster::node(const QString& id)
{
    const auto all = nodes();
    const auto found = std::ranges::find(all, id, &ClusterNode::id);
    return found == all.end() ? ClusterNode() : *found;
}

QJsonObject Cluster::stream(const QString& path)
{
    const QJsonArray streams = snapshot()["streams"].toArray();
    for (const QJsonValue status : streams) {
        if (status["ingest"]["stream"].toString() == path)
            return status.toObject();
    }
    return {};
}

QString Cluster::publishAddress(const QString& group, const QString& path)
{
    const HttpAnswer answer = call("GET", "/as/v1/streams/stream/" + group + "/publish/" + path);
    return answer.status == 200 ? answer.array().first()["serverAddress"].toString() : QString();
}

QString Cluster::subscribeAddress(const QString& group, const QString& path)
{
    const HttpAnswer answer = call("GET", "/as/v1/streams/stream/" + group + "/subscribe/" + path);
    return answer.status == 200 ? answer.array().first()["serverAddress"].toString() : QString();
}

QString Cluster::waitForSubscribeAddress(const QString& group, const QString& path, int timeoutMs)
{
    QString address;
    waitUntil([&] { return !(address = subscribeAddress(group, path)).isEmpty(); }, timeoutMs);
    return address;
}

QByteArray Cluster::report() const
{
    QByteArray text = "--- headgated ---\n" + tail(path("headgated.log"), 8000);
    QDirIterator logs(dataDir(), {"*.log"}, QDir::Files, QDirIterator::Subdirectories);
    while (logs.hasNext()) {
        const QString name = logs.next();
        text += "--- " + name.toUtf8() + " ---\n" + tail(name, 3000);
    }
    return text;
}

// Whatever carries our data directory in its command line was started by this cluster.
void Cluster::endLeftovers()
{
    const QStringList processes = QDir("/proc").entryList(QDir::Dirs);
    for (const QString& entry : processes) {
        bool isNumber = false;
        const qint64 pid = entry.toLongLong(&isNumber);
        QFile commandLine("/proc/" + entry + "/cmdline");
        if (isNumber && pid != QCoreApplication::applicationPid() && commandLine.open(QIODevice::ReadOnly) &&
            commandLine.readAll().contains(m_dir.path().toUtf8()))
            killProcess(pid);
    }
}

}  // namespace headgate::test
