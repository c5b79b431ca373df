#include "core/wire/native_codec.h"
#include "tests/plane/api_client.h"
#include "tests/support/plane_parts.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

using namespace headgate::test;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

constexpr int writers = 4;
constexpr std::size_t overlaysOfOne = 8;

std::uint16_t freePort()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

// What was acknowledged, by the key of the write.
class Acknowledged
{
public:
    void add(const std::string& key, const std::string& kind)
    {
        const std::lock_guard lock(m_mutex);
        m_keys.insert(key);
        ++m_counts[kind];
    }
    void refuse(const std::string& what)
    {
        const std::lock_guard lock(m_mutex);
        m_refusals.push_back(what);
    }

    // When nobody writes any more.
    const std::set<std::string>& keys() const { return m_keys; }
    int count(const std::string& kind) const { return m_counts.contains(kind) ? m_counts.at(kind) : 0; }
    const std::vector<std::string>& refusals() const { return m_refusals; }

private:
    std::mutex m_mutex;
    std::set<std::string> m_keys;
    std::map<std::string, int> m_counts;
    std::vector<std::string> m_refusals;
};

// One client: makes one write after the other, each again and again under its key until it is acknowledged.
class Writer
{
public:
    Writer(int number, std::uint16_t port, std::string token, Acknowledged& acknowledged)
        : m_name("w" + std::to_string(number)),
          m_port(port),
          m_token(std::move(token)),
          m_acknowledged(acknowledged),
          m_thread([this] { run(); })
    {}

    // Ends after the write that is under way.
    void finish()
    {
        m_isEnding = true;
        m_thread.join();
    }

    const std::set<std::string>& overlays() const { return m_overlays; }

private:
    void run()
    {
        for (int step = 0; !m_isEnding; ++step) {
            switch (step % 4) {
            case 0:
                createOverlay();
                break;
            case 1:
                write("measure", "POST", "/api/v1/node-images/node-1/measurements",
                      R"({"measuredAt":"2027-01-01T00:00:00Z","viewersPerCore":2000,"streamBitsPerSecond":1500000})");
                break;
            case 2:
                write("patch", "PATCH", "/api/v1/node-groups/live", json{{"description", nextKey()}}.dump());
                break;
            default:
                deleteOverlay();
            }
        }
    }

    void createOverlay()
    {
        const json overlay{{"name", m_name},
                           {"scope", {{"nodeGroup", "live"}}},
                           {"from", "2099-06-01T18:00:00Z"},
                           {"to", "2099-06-01T20:00:00Z"},
                           {"op", {{"kind", "floor"}, {"nodes", 0}}}};
        const Answer made = write("create", "POST", "/api/v1/overlays", overlay.dump());
        const std::string location = made.field("location");
        if (!m_overlays.insert(location.substr(location.rfind('/') + 1)).second)
            m_acknowledged.refuse("the overlay " + location + " was made for two keys");
    }

    void deleteOverlay()
    {
        if (m_overlays.size() <= overlaysOfOne)
            return;
        write("delete", "DELETE", "/api/v1/overlays/" + *m_overlays.begin(), {});
        m_overlays.erase(m_overlays.begin());
    }

    std::string nextKey() const { return m_name + "-" + std::to_string(m_count); }

    Answer write(const std::string& kind, const std::string& method, const std::string& target, const std::string& body)
    {
        const std::string key = nextKey();
        ++m_count;
        const Fields fields{{"Authorization", "Bearer " + m_token}, {"Idempotency-Key", key}, {"X-Request-Id", key}};
        for (;;) {
            Answer answer = call(m_port, method, target, fields, body);
            const bool isOvertaken = kind == "patch" && answer.status == 409;
            if (answer.status == 0 || isOvertaken) {
                std::this_thread::sleep_for(milliseconds(2));
                continue;
            }
            if (answer.status > 299)
                m_acknowledged.refuse(key + " " + method + " " + target + ": " + answer.body);
            else
                m_acknowledged.add(key, kind);
            return answer;
        }
    }

    const std::string m_name;
    const std::uint16_t m_port;
    const std::string m_token;
    Acknowledged& m_acknowledged;
    std::set<std::string> m_overlays;  // that this one made and did not delete
    int m_count = 0;
    std::atomic<bool> m_isEnding = false;
    std::thread m_thread;  // last: it uses the members above
};

}  // namespace

// A control plane that is killed at any point keeps what it acknowledged, and does nothing twice.
class WritesUnderKillTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        m_port = freePort();
        QFile file(m_directory->filePath("password"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("correct horse battery\n") > 0);
        file.close();
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
        start({"--admin-password-file", file.fileName()});
        QVERIFY2(answers(), m_server.readAll().constData());
        m_token =
            call(m_port, "POST", "/as/v1/auth/login", {}, R"({"username":"admin","password":"correct horse battery"})")
                .json()
                .value("token", "");
        QVERIFY(!m_token.empty());
        const json group = headgate::native::toJson(sampleGroup("live", 0, 0));
        QCOMPARE(as("POST", "/api/v1/node-groups", group.dump()).status, 201);
    }
    void cleanup() { kill(); }

    void theFirstAnswerOutlivesAKill()
    {
        const std::string other = headgate::native::toJson(sampleGroup("other", 0, 0)).dump();
        const Fields once{{"Idempotency-Key", "k"}};
        const Answer first = as("POST", "/api/v1/node-groups", other, once);
        QCOMPARE(first.status, 201);
        kill();
        start({});
        QVERIFY(answers());
        const Answer again = as("POST", "/api/v1/node-groups", other, once);
        QCOMPARE(again.status, 201);
        QCOMPARE(again.body, first.body);
        QCOMPARE(as("DELETE", "/api/v1/node-groups/other", {}, once).status, 422);
    }

    void nothingIsLostAndNothingIsDoneTwice()
    {
        const int kills = qEnvironmentVariable("HEADGATE_KILLS", "100").toInt();
        const unsigned seed = qEnvironmentVariable("HEADGATE_KILL_SEED", QString::number(::getpid())).toUInt();
        qInfo("%d kills, seed %u", kills, seed);
        std::mt19937 random(seed);
        Acknowledged acknowledged;
        std::vector<std::unique_ptr<Writer>> clients;
        for (int i = 0; i < writers; ++i)
            clients.push_back(std::make_unique<Writer>(i, m_port, m_token, acknowledged));
        bool isUp = true;
        for (int round = 0; round < kills && isUp; ++round) {
            // One in five while it starts, the others under the writes.
            isUp = random() % 5 == 0 || answers();
            std::this_thread::sleep_for(milliseconds(random() % 120));
            kill();
            start({});
        }
        const bool isUpAtLast = isUp && answers();
        if (!isUpAtLast)
            qFatal("headgated does not start: %s", m_server.readAll().constData());
        std::set<std::string> overlays;
        for (const auto& client : clients) {
            client->finish();
            overlays.insert(client->overlays().begin(), client->overlays().end());
        }
        for (const std::string& refusal : acknowledged.refusals())
            qWarning("%s", refusal.c_str());
        QVERIFY(acknowledged.refusals().empty());
        qInfo("%zu writes acknowledged", acknowledged.keys().size());
        QVERIFY(acknowledged.keys().size() > static_cast<std::size_t>(kills));

        std::set<std::string> here;
        const json listed = as("GET", "/api/v1/overlays").json();
        for (const json& each : listed["overlays"])
            here.insert(each["item"]["id"].get<std::string>());
        for (const std::string& id : here)
            QVERIFY2(overlays.contains(id), ("made and not told: " + id).c_str());
        for (const std::string& id : overlays)
            QVERIFY2(here.contains(id), ("told and not there: " + id).c_str());
        QCOMPARE(as("GET", "/api/v1/node-groups/live").json()["version"].get<int>(), 1 + acknowledged.count("patch"));
        QCOMPARE(as("GET", "/api/v1/node-images/node-1").field("etag"),
                 "\"" + std::to_string(acknowledged.count("measure")) + "\"");
        const std::map<std::string, int> told = toldInAudit();
        for (const std::string& key : acknowledged.keys())
            QVERIFY2(told.contains(key) && told.at(key) == 1, key.c_str());
    }

private:
    Answer as(const std::string& method, const std::string& target, const std::string& body = {}, Fields fields = {})
    {
        fields.emplace_back("Authorization", "Bearer " + m_token);
        return call(m_port, method, target, fields, body);
    }

    // How many records each request of a writer has.
    std::map<std::string, int> toldInAudit()
    {
        std::map<std::string, int> told;
        for (std::int64_t before = 0; before >= 0;) {
            const Answer page = as("GET", "/api/v1/audit?limit=1000&before=" + std::to_string(before));
            const json records = page.json()["records"];
            before = records.size() < 1000 ? -1 : records.back()["sequence"].get<std::int64_t>();
            for (const json& record : records)
                ++told[record.value("requestId", "")];
        }
        return told;
    }

    void start(const QStringList& more)
    {
        m_server.setProcessChannelMode(QProcess::MergedChannels);
        m_server.start(QString::fromStdString(builtProgram("headgated")),
                       QStringList{"--data-dir", m_directory->filePath("data"), "--listen",
                                   QString("127.0.0.1:%1").arg(m_port), "--local-network",
                                   QString::fromStdString(ownNetwork())} +
                           more);
        m_server.waitForStarted();
    }

    void kill()
    {
        if (m_server.state() == QProcess::NotRunning)
            return;
        ::kill(static_cast<pid_t>(m_server.processId()), SIGKILL);
        m_server.waitForFinished();
    }

    bool answers()
    {
        return waitFor([this] { return call(m_port, "GET", "/api/v1/health").status == 200; });
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QProcess m_server;
    std::uint16_t m_port = 0;
    std::string m_token;
};

QTEST_GUILESS_MAIN(WritesUnderKillTest)
#include "writes_under_kill_test.moc"
