#include "app/screenshots.h"

#include "app/composition.h"
#include "core/plane/account_desk.h"
#include "ui/format.h"
#include "ui/pages/deployment_wizard.h"
#include "ui/pages/deployments_page.h"
#include "ui/pages/dev_resources_page.h"
#include "ui/pages/streams_page.h"
#include "ui/pages/timeline_page.h"
#include "ui/widgets/preview_player.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QCheckBox>
#include <QDeadlineTimer>
#include <QDir>
#include <QEventLoop>
#include <QLineEdit>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTimer>

#include <signal.h>

#include <cstdio>
#include <cstdlib>

namespace headgate {

namespace {

constexpr int startTimeoutMs = 60000;
constexpr int liveMs = 20000;
constexpr int settleMs = 1200;
constexpr int viewersPerStream = 4;

void pause(int ms)
{
    QEventLoop loop;
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
}

bool waitUntil(const std::function<bool()>& holds, int timeoutMs)
{
    const QDeadlineTimer deadline(timeoutMs);
    while (!holds() && !deadline.hasExpired())
        pause(50);
    return holds();
}

void say(const QString& line)
{
    std::fprintf(stderr, "%s\n", qPrintable(line));
}

// Shows the last snapshot of a control plane that cannot be reached any more; every request fails.
class LostControlPlane : public ControlPlane
{
public:
    LostControlPlane(SnapshotPtr last, Link link) : m_last(std::move(last)), m_link(std::move(link)) {}

    SnapshotPtr snapshot() const override { return m_last; }
    Link link() const override { return m_link; }
    void submit(CommandRequest, std::function<void(Result<CommandOutcome>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    void route(RouteRequest, std::function<void(Result<std::vector<RouteTarget>>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    void explainRoute(RouteRequest, std::function<void(Result<RouteExplanation>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    void readAudit(AuditQuery, std::function<void(Result<std::vector<AuditRecord>>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    void readMetrics(MetricQuery, std::function<void(Result<std::vector<MetricSeries>>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    void readStream(StreamQuery, std::function<void(Result<StreamDetails>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    void readThumbnail(ThumbnailQuery, std::function<void(Result<Thumbnail>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    void readPlan(std::function<void(Result<StoredPlanPtr>)> done) override { done(tl::unexpected(m_link.error)); }
    void reconnect() override {}
    void readUsage(UsageQuery, std::function<void(Result<UsageReport>)> done) override
    {
        done(tl::unexpected(m_link.error));
    }
    AccountDesk& accounts() override { return m_accounts; }

private:
    SnapshotPtr m_last;
    Link m_link;
    NoAccounts m_accounts{m_link.error};
};

Link lostLink(Duration age)
{
    Link link;
    link.state = LinkState::Lost;
    link.address = "http://control.lab.example:5080";
    link.lastHeard = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) - age;
    link.error = Error{ErrorCode::Unavailable,
                       "The control plane does not answer: connection refused.",
                       "Check that headgated runs there; it is tried again by itself.",
                       {}};
    return link;
}

// Players without a picture: they take the stream and throw it away, so that there are viewers to show.
class CrowdOfViewers
{
public:
    explicit CrowdOfViewers(ControlPlane& plane) : m_plane(plane) {}

    void join(const NodeGroupName& group, const StreamKey& stream)
    {
        RouteRequest request;
        request.purpose = RoutePurpose::Subscribe;
        request.nodeGroup = group;
        request.stream = stream;
        m_plane.route(request, [this, stream](const Result<std::vector<RouteTarget>>& targets) {
            if (!targets || targets->empty())
                return;
            const NodeEndpoints& at = targets->front().endpoints;
            const QString url = QString("http://%1:%2/%3.flv")
                                    .arg(format::text(at.address))
                                    .arg(at.httpPort)
                                    .arg(format::text(stream.path()));
            auto* network = new QNetworkAccessManager(&m_owner);
            QNetworkReply* reply = network->get(QNetworkRequest(QUrl(url)));
            QObject::connect(reply, &QNetworkReply::readyRead, reply, [reply] { reply->readAll(); });
        });
    }

private:
    ControlPlane& m_plane;
    QObject m_owner;
};

class Photographer
{
public:
    Photographer(Console& console, QString folder) : m_console(console), m_folder(std::move(folder)) {}

    int run();

private:
    bool bringUpCluster();
    void makePlan();
    void startStreams();
    void failOneNode();
    void shootAll(const QString& state);
    void shootInside(Page& page);
    void shootWizard(DeploymentsPage& page);
    void shootThemes(const QString& name);
    void shootFirstRun();
    void selectFirstRow(Page& page);
    void save(QWidget& widget, const QString& name);

    Console& m_console;
    QString m_folder;
    std::unique_ptr<CrowdOfViewers> m_viewers;
    int m_saved = 0;
};

bool Photographer::bringUpCluster()
{
    LocalClusterChoice choice = demoChoice();
    choice.edgesPerRegion = 3;
    if (m_console.cluster() == nullptr) {
        if (const auto opened = m_console.openLocal(m_console.demoDir(), choice.name); !opened) {
            say(format::errorLine(opened.error()));
            return false;
        }
    }
    m_console.bringUp(choice);
    ControlPlane& plane = m_console.cluster()->controlPlane();
    const auto ready = [&plane] {
        const SnapshotPtr snapshot = plane.snapshot();
        if (snapshot == nullptr || snapshot->streams.empty())
            return false;
        int count = 0;
        for (const NodeStatus& status : snapshot->nodes)
            count += format::nodeState(status.node).status == Status::Ok ? 1 : 0;
        return count >= 6;
    };
    if (waitUntil(ready, startTimeoutMs))
        return true;
    say("The cluster was not ready in time.");
    return false;
}

void Photographer::startStreams()
{
    ControlPlane& plane = m_console.cluster()->controlPlane();
    const NodeGroupName group = plane.snapshot()->nodeGroups.front().group.name;
    m_console.testStreams().start(group, {"live", "cup-final"});
    m_console.testStreams().start(group, {"cam/tunnel", "one"});
    waitUntil([&plane] { return plane.snapshot()->streams.size() >= 3; }, startTimeoutMs);
    m_viewers = std::make_unique<CrowdOfViewers>(plane);
    int count = viewersPerStream;
    for (const StreamStatus& stream : plane.snapshot()->streams) {
        for (int i = 0; i < count; ++i)
            m_viewers->join(stream.nodeGroup, stream.ingest.key);
        count += viewersPerStream;
    }
}

// A schedule of evenings and two overlays around now.
void Photographer::makePlan()
{
    ControlPlane& plane = m_console.cluster()->controlPlane();
    const NodeGroupStatus& group = plane.snapshot()->nodeGroups.front();
    const std::string place = group.pools.front().key.subgroup;
    const Instant now = std::chrono::floor<std::chrono::minutes>(plane.snapshot()->takenAt);
    CalendarTiming timing;
    timing.zone = "Europe/Berlin";
    timing.start = LocalTime(now.time_since_epoch()) - std::chrono::hours(3);
    timing.end = ExactEnd{std::chrono::hours(9)};
    timing.rule = RecurrenceRule{};
    Schedule evenings{"evenings", "Evenings", {group.group.name, {}, {}}, timing, ActiveEffect{}, {}, {}, true, {}};
    Overlay doors;
    doors.id = "doors";
    doors.name = "Doors";
    doors.scope = {group.group.name, place, "edge"};
    doors.from = now - std::chrono::minutes(20);
    doors.to = now + std::chrono::hours(3);
    doors.displayZone = "Europe/Berlin";
    doors.priority = 200;
    doors.op = FloorBounds{3};
    doors.reason = "The doors open at eight.";
    Overlay update = doors;
    update.id = "kernel-update";
    update.name = "Kernel update";
    update.from = now + std::chrono::hours(4);
    update.to = now + std::chrono::hours(7);
    update.op = Deactivate{};
    for (const PlanItem& item : {PlanItem(evenings), PlanItem(doors), PlanItem(update)}) {
        CommandRequest request;
        request.command = CreatePlanItem{item};
        request.actor.name = "console";
        request.requestId = RequestId("screenshot-" + keyOf(item).id);
        plane.submit(std::move(request), [](const Result<CommandOutcome>& outcome) {
            if (!outcome)
                say(format::errorLine(outcome.error()));
        });
    }
}

// Kills one edge that carries nothing, as a crash would.
void Photographer::failOneNode()
{
    const SnapshotPtr snapshot = m_console.cluster()->host().snapshot();
    const NodeStatus* victim = nullptr;
    for (const NodeStatus& status : snapshot->nodes)
        if (status.load.publishers == 0 && status.load.children == 0 && status.node.pool.role != "origin" &&
            (victim == nullptr || status.load.subscribers < victim->load.subscribers))
            victim = &status;
    const int pid = victim == nullptr ? 0 : std::atoi(victim->node.providerReference.c_str());
    if (pid > 1)
        ::kill(pid, SIGKILL);
}

void Photographer::save(QWidget& widget, const QString& name)
{
    if (widget.grab().save(m_folder + "/" + name + ".png"))
        ++m_saved;
    else
        say("Could not write " + name + ".png");
}

void Photographer::selectFirstRow(Page& page)
{
    TableView* table = page.findChild<TableView*>();
    if (table == nullptr || table->model() == nullptr || table->model()->rowCount() == 0)
        return;
    const QModelIndex first = table->model()->index(0, 0);
    page.reveal(first.data(KeyRole).toString());
    if (auto* player = page.findChild<PreviewPlayer*>())
        waitUntil([player] { return !player->isVisible() || player->frameCount() > 5; }, 8000);
}

void Photographer::shootAll(const QString& state)
{
    for (Page* page : m_console.window().pages()) {
        m_console.window().goTo(page->identity().id);
        pause(settleMs);
        if (state.isEmpty() && page->identity().id != "audit" && page->identity().id != "node-groups")
            selectFirstRow(*page);
        shootThemes(state.isEmpty() ? page->identity().id : page->identity().id + '-' + state);
        if (state.isEmpty())
            shootInside(*page);
        page->closeInspector();
    }
}

// What stands behind tabs and buttons of the page.
void Photographer::shootInside(Page& page)
{
    const auto shootTabs = [this, &page](const QString& tabs, const QString& name) {
        auto* bar = page.findChild<QTabBar*>(tabs);
        for (int i = 0; i < bar->count(); ++i) {
            bar->setCurrentIndex(i);
            pause(settleMs);
            shootThemes(QStringLiteral("%1-%2").arg(name).arg(i + 1));
        }
    };
    if (auto* streams = qobject_cast<StreamsPage*>(&page)) {
        streams->openDetails();
        shootTabs(QStringLiteral("parts"), QStringLiteral("stream"));
        page.closeInspector();
    } else if (auto* timeline = qobject_cast<TimelinePage*>(&page)) {
        timeline->reveal(QStringLiteral("overlay:doors"));
        pause(settleMs);
        shootThemes(QStringLiteral("timeline-inspector"));
        timeline->editSelected();
        pause(settleMs);
        shootThemes(QStringLiteral("timeline-overlay"));
        page.closeInspector();
        timeline->addSchedule();
        pause(settleMs);
        shootThemes(QStringLiteral("timeline-schedule"));
        timeline->discardDraft();
    } else if (auto* deployments = qobject_cast<DeploymentsPage*>(&page)) {
        shootWizard(*deployments);
    } else if (qobject_cast<DevResourcesPage*>(&page) != nullptr) {
        auto* purpose = page.findChild<Segmented*>(QStringLiteral("purpose"));
        for (const int index : {0, 1}) {
            purpose->setCurrentIndex(index);
            shootTabs(QStringLiteral("tools"),
                      index == 0 ? QStringLiteral("dev-publish") : QStringLiteral("dev-watch"));
        }
    }
}

// Each step with something typed; nothing is created.
void Photographer::shootWizard(DeploymentsPage& page)
{
    page.createDeployment();
    DeploymentWizard& wizard = page.wizard();
    auto* name = wizard.findChild<QLineEdit*>(QStringLiteral("deploymentName"));
    name->setText(QStringLiteral("Cup final"));
    Q_EMIT name->textEdited(name->text());
    for (int step = 0; step < wizardSteps; ++step) {
        for (const char* region : {"region-europe-central", "region-us-east"})
            if (auto* box = wizard.findChild<QCheckBox*>(QString::fromLatin1(region)))
                box->setChecked(true);
        pause(settleMs);
        shootThemes(QStringLiteral("deployment-wizard-%1").arg(step + 1));
        if (wizard.step() != WizardStep::Review)
            wizard.next();
    }
    Q_EMIT wizard.cancelled();
}

void Photographer::shootThemes(const QString& name)
{
    for (const ThemeChoice theme : {ThemeChoice::Light, ThemeChoice::Dark}) {
        m_console.theme().setChoice(theme);
        pause(settleMs / 2);
        save(m_console.window(), name + (theme == ThemeChoice::Dark ? "-dark" : "-light"));
    }
}

void Photographer::shootFirstRun()
{
    m_console.showFirstRunPage();
    pause(settleMs);
    shootThemes(QStringLiteral("first-run"));
    m_console.window().showInstead(nullptr);
}

int Photographer::run()
{
    QDir().mkpath(m_folder);
    m_console.window().resize(1440, 900);
    m_console.window().show();
    if (!bringUpCluster())
        return 1;
    makePlan();
    startStreams();
    pause(liveMs);
    failOneNode();
    pause(3000);
    shootAll({});

    ControlPlane& live = m_console.cluster()->controlPlane();
    const SnapshotPtr last = live.snapshot();
    m_viewers.reset();
    LostControlPlane stale(last, lostLink(std::chrono::seconds(48)));
    m_console.look(&stale);
    shootAll("stale");
    LostControlPlane failed(nullptr, lostLink(std::chrono::seconds(48)));
    m_console.look(&failed);
    shootAll("error");

    QTemporaryDir empty;
    EngineHostOptions options = m_console.cluster()->host().options();
    options.dataDir = empty.path().toStdString() + "/empty";
    if (auto fresh = EmbeddedCluster::start(options)) {
        m_console.look(&(*fresh)->controlPlane());
        shootAll("empty");
        m_console.look(nullptr);
    }
    shootFirstRun();
    m_console.look(nullptr);
    m_console.cluster()->host().stopAllNodes(std::chrono::seconds(15));
    say(QString("%1 pictures in %2").arg(m_saved).arg(m_folder));
    return m_saved > 0 ? 0 : 1;
}

}  // namespace

int takeScreenshots(Console& console, const QString& folder)
{
    return Photographer(console, folder).run();
}

}  // namespace headgate
