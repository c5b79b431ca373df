#include "core/plane/ctl/watch.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/get_plan.h"
#include "core/plane/ctl/yaml.h"
#include "core/wire/native_codec.h"

#include <QEventLoop>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTimer>

#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <ostream>

namespace headgate::ctl {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds reconnectPause{1000};
constexpr qsizetype longestEvent = 64LL * 1024 * 1024;

struct WatchedList
{
    const char* member;  // of a change
    const char* word;
    std::array<const char*, 2> names;  // pointers to what names an item; the second may be null
    const char* state;                 // pointer to what is told of it, "" for nothing
};

constexpr auto lists = std::to_array<WatchedList>({
    {"nodeGroups", "node-group", {"/group/name", nullptr}, "/activity"},
    {"nodes", "node", {"/node/id", nullptr}, "/node/state"},
    {"streams", "stream", {"/nodeGroup", "/ingest/stream"}, "/viewers"},
    {"nodeImages", "node-image", {"/image/name", nullptr}, ""},
    {"regions", "region", {"/region/name", nullptr}, ""},
    {"deployments", "deployment", {"/deployment/name", nullptr}, "/state"},
});

std::string nameOf(const json& item, const WatchedList& list)
{
    std::string name;
    for (const char* pointer : list.names) {
        if (pointer)
            name.append(name.empty() ? "" : "/").append(at(item, pointer));
    }
    return name;
}

std::string nameOfRemoved(const json& item)
{
    return item.is_string() ? item.get<std::string>() : at(item, "/nodeGroup") + "/" + at(item, "/stream");
}

// Schedules, overlays and what belongs to them, by kind and id.
using PlanItems = std::map<std::pair<std::string, std::string>, json>;

PlanItems itemsOf(const json& plan)
{
    PlanItems items;
    for (const json& stored : plan.value("items", json::array())) {
        const json& item = stored["item"];
        std::string id = at(item, "/id");
        if (id.empty())
            id = at(item, item.contains("configuration") ? "/configuration/name" : "/name");
        items.insert_or_assign({at(stored, "/kind"), std::move(id)}, stored);
    }
    return items;
}

// Server-sent events of one control plane. They tell that the plan changed, but not how: then it is read again.
class Watch : public QObject
{
public:
    Watch(Session& session, const Desk& desk, std::string wanted, int mostLines)
        : m_session(session), m_desk(desk), m_wanted(std::move(wanted)), m_linesLeft(mostLines)
    {
        m_pause.setSingleShot(true);
        connect(&m_pause, &QTimer::timeout, this, [this] { open(); });
    }

    Outcome<void> run(std::optional<int> seconds)
    {
        if (seconds)
            QTimer::singleShot(std::chrono::seconds(*seconds), &m_loop, [this] { m_loop.quit(); });
        if (wantsPlan()) {
            const auto plan = m_session.get(native::callTo(native::Route::ReadPlan));
            if (!plan)
                return tl::unexpected(plan.error());
            takePlan(*plan);
        }
        open();
        m_loop.exec();
        return std::move(m_outcome);
    }

private:
    void open()
    {
        QNetworkRequest request = m_session.requestTo(native::callTo(native::Route::Events));
        request.setRawHeader("Accept", "text/event-stream");
        if (!m_position.isEmpty())
            request.setRawHeader("Last-Event-ID", m_position);
        m_received.clear();
        m_reply = m_network.get(request);
        connect(m_reply, &QNetworkReply::readyRead, this, [this] { take(); });
        connect(m_reply, &QNetworkReply::finished, this, [this] { lost(); });
    }

    void take()
    {
        m_received += m_reply->readAll();
        for (auto end = m_received.indexOf("\n\n"); end >= 0 && m_loop.isRunning(); end = m_received.indexOf("\n\n")) {
            takeEvent(m_received.left(end));
            m_received.remove(0, end + 2);
        }
        if (m_received.size() > longestEvent)
            m_reply->abort();
    }

    void takeEvent(const QByteArray& event)
    {
        for (const QByteArray& line : event.split('\n')) {
            if (line.startsWith("id:"))
                m_position = line.mid(3).trimmed();
            if (!line.startsWith("data:"))
                continue;
            const auto message = native::parse(line.mid(5).toStdString());
            if (!message)
                continue;
            const std::string type = message->value("type", "");
            if (type == "change")
                tell((*message)["change"]);
            if (wantsPlan() && (type == "change" || type == "snapshot"))
                followPlan((*message)[type]);
        }
    }

    bool wantsPlan() const { return m_wanted.empty() || planItemKindOf(m_wanted); }

    void followPlan(const json& news)
    {
        m_takenAt = at(news, "/takenAt");
        m_wantedPlan = news.value("planRevision", m_planRevision);
        if (m_wantedPlan > m_planRevision && !m_planReply)
            readPlan();
    }

    void readPlan()
    {
        m_planReply = m_network.get(m_session.requestTo(native::callTo(native::Route::ReadPlan)));
        connect(m_planReply, &QNetworkReply::finished, this, [this] {
            QNetworkReply* const reply = std::exchange(m_planReply, nullptr);
            reply->deleteLater();
            const auto plan = native::parse(reply->readAll().toStdString());
            if (reply->error() != QNetworkReply::NoError || !plan || !plan->is_object())
                return;  // the next event asks again
            const PlanItems before = takePlan(*plan);
            tellPlan(before);
            if (m_wantedPlan > m_planRevision)
                readPlan();
        });
    }

    // What was there before.
    PlanItems takePlan(const json& plan)
    {
        m_planRevision = plan.value("revision", m_planRevision);
        return std::exchange(m_planItems, itemsOf(plan));
    }

    void tellPlan(const PlanItems& before)
    {
        const auto tellItem = [this](const auto& entry, const char* change) {
            const auto& [key, stored] = entry;
            if (m_wanted.empty() || planItemKindOf(m_wanted) == planItemKindOf(key.first))
                tellOne({m_takenAt, key.first, key.second, change}, stored, "");
        };
        for (const auto& entry : m_planItems) {
            const auto old = before.find(entry.first);
            if (old == before.end() || old->second != entry.second)
                tellItem(entry, "put");
        }
        for (const auto& entry : before) {
            if (!m_planItems.contains(entry.first))
                tellItem(entry, "removed");
        }
    }

    void lost()
    {
        const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const std::string cause = m_reply->errorString().toStdString();
        m_reply->deleteLater();
        if (status >= 400 || m_position.isEmpty()) {
            const bool isNotSignedIn = status == 401;
            const auto how = isNotSignedIn ? ExitStatus::NotSignedIn
                             : status == 0 ? ExitStatus::NotReachable
                                           : ExitStatus::Refused;
            m_outcome =
                tl::unexpected(Failure{how,
                                       {isNotSignedIn ? ErrorCode::Unauthenticated : ErrorCode::Unavailable,
                                        "The events of " + m_session.server() + " cannot be read: " + cause + ".",
                                        isNotSignedIn ? "Run headgatectl login." : "",
                                        {}}});
            return m_loop.quit();
        }
        m_desk.notes << "The connection was lost; trying again.\n" << std::flush;
        m_pause.start(reconnectPause);
    }

    void tell(const json& change)
    {
        const std::string when = at(change, "/takenAt");
        for (const WatchedList& list : lists) {
            if (!change.contains(list.member) || (!m_wanted.empty() && m_wanted != list.word))
                continue;
            for (const json& item : change[list.member].value("put", json::array()))
                tellOne({when, list.word, nameOf(item, list), "put"}, item, *list.state ? at(item, list.state) : "");
            for (const json& item : change[list.member].value("removed", json::array()))
                tellOne({when, list.word, nameOfRemoved(item), "removed"}, item, "");
        }
    }

    void tellOne(const std::array<std::string, 4>& line, const json& item, const std::string& state)
    {
        if (m_linesLeft == 0)
            return;
        if (m_desk.format == Format::Table) {
            for (const std::string& part : line)
                m_desk.out << part << (&part == &line.back() ? "" : "  ");
            m_desk.out << (state.empty() ? "" : "  " + state) << "\n";
        } else {
            const json told{{"at", line[0]}, {"kind", line[1]}, {"name", line[2]}, {"change", line[3]}, {"item", item}};
            m_desk.out << (m_desk.format == Format::Json ? native::write(told) + "\n" : "---\n" + yamlText(told));
        }
        m_desk.out << std::flush;
        if (m_linesLeft > 0 && --m_linesLeft == 0)
            m_loop.quit();
    }

    Session& m_session;
    const Desk& m_desk;
    const std::string m_wanted;  // kind, "" for all
    int m_linesLeft;             // negative: no end
    QNetworkAccessManager m_network;
    QNetworkReply* m_reply = nullptr;
    QNetworkReply* m_planReply = nullptr;  // while it is read
    std::uint64_t m_planRevision = 0;      // of m_planItems
    std::uint64_t m_wantedPlan = 0;        // as it was told last
    PlanItems m_planItems;
    std::string m_takenAt;  // of the last event
    QByteArray m_received;
    QByteArray m_position;  // of the last event, "" before the first
    QTimer m_pause;
    QEventLoop m_loop;
    Outcome<void> m_outcome;
};

}  // namespace

Outcome<void> runWatch(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    const std::string wanted = words.empty() ? "" : words[0];
    const bool isKnown = wanted.empty() || planItemKindOf(wanted) ||
                         std::ranges::any_of(lists, [&](const WatchedList& list) { return wanted == list.word; });
    if (!isKnown)
        return wrongUsage("\"" + wanted + "\" cannot be watched.", "headgatectl watch --help lists what can.");
    const auto seconds = secondsOf(desk.arguments, "for");
    if (!seconds)
        return tl::unexpected(seconds.error());
    int most = -1;
    if (const auto count = desk.arguments.value("count")) {
        const char* const last = count->data() + count->size();
        const auto [end, error] = std::from_chars(count->data(), last, most);
        if (error != std::errc() || end != last || most < 1)
            return wrongUsage("--count " + *count + " is no number of lines.");
    }
    return Watch(session, desk, wanted, most).run(*seconds);
}

}  // namespace headgate::ctl
