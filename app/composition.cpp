#include "app/composition.h"

#include "app/media_adapters.h"
#include "core/plane/stream_manager_control_plane.h"
#include "core/plane/zone_files.h"
#include "core/provider/process_harm.h"
#include "core/sim/what_if.h"
#include "ui/dialogs/close_choice.h"
#include "ui/dialogs/sign_in_dialog.h"
#include "ui/dialogs/trust_dialog.h"
#include "ui/english_plurals.h"
#include "ui/format.h"
#include "ui/pages/pages.h"

#include <QApplication>
#include <QClipboard>
#include <QEventLoop>
#include <QFile>
#include <QSysInfo>

#include <thread>

namespace headgate {

namespace {

constexpr auto nodeStopTimeout = std::chrono::seconds(15);

QString secretKey(const QString& url, const QString& user)
{
    return url + '|' + user;
}

std::unique_ptr<Settings> makeSettings(const QString& file)
{
    return file.isEmpty() ? std::make_unique<Settings>() : std::make_unique<Settings>(file);
}

// Of this console's own cluster.
Result<void> harmNode(const Node& node, NodeHarm harm, Duration lasts)
{
    const auto process = ProcessIdentity::fromReference(node.providerReference);
    return process ? harmProcess(*process, harm, lasts)
                   : fail(ErrorCode::NotFound, "The node is no process of this machine.");
}

QString localUser()
{
    const QString name = qEnvironmentVariable("USER");
    return name.isEmpty() ? QStringLiteral("operator") : name;
}

}  // namespace

Console::Console(QApplication& application, ConsoleOptions options)
    : m_options(std::move(options)),
      m_media(makeMediaServices()),
      m_settings(makeSettings(m_options.settingsFile)),
      m_theme(std::make_unique<Theme>(application, *m_settings)),
      m_secrets(std::make_unique<SecretStore>(QStringLiteral("headgate"))),
      m_testStreams(std::make_unique<TestStreams>(m_media)),
      m_pageContext{*m_settings, m_media, [this](ToastMessage message) { m_window->present(std::move(message)); },
                    {},          {},      loadZoneFile}
{
    application.installTranslator(new EnglishPlurals(&application));
    m_window = std::make_unique<MainWindow>(*m_settings, *m_theme);
    m_window->setPages(makePages(m_pageContext, *m_testStreams, m_window->pageHost(),
                                 [](const WhatIfQuestion& question, const WhatIfProgress& progress) {
                                     return sim::runWhatIf(question, loadZoneFile, progress);
                                 },
                                 {[this] { return whyNoChaos(); }, harmNode}));
    m_window->setUser(localUser(), QSysInfo::machineHostName());
    m_window->setClosePermission([this] { return mayClose(); });
    PaletteAction connection;
    connection.text = MainWindow::tr("Choose another cluster...");
    connection.effect = MainWindow::tr("start a local one, connect to a server, open the demo");
    connection.iconName = QStringLiteral("link");
    connection.run = [this] { showFirstRun(nullptr); };
    PaletteAction account;
    account.text = MainWindow::tr("Copy the command that makes an account");
    account.effect = MainWindow::tr("for headgatectl and other clients of this cluster");
    account.iconName = QStringLiteral("copy");
    account.run = [this] { copySetupCommand(); };
    m_window->setProgramActions({connection, account});
    QObject::connect(m_window.get(), &MainWindow::userClicked, m_window.get(), [this] { showFirstRun(nullptr); });
}

QString Console::whyNoChaos() const
{
    if (!m_cluster)
        return MainWindow::tr("Only nodes that this console runs itself can be broken on purpose.");
    return m_window->guard().isLocked() ? MainWindow::tr("This is a production cluster. Arm it first.") : QString();
}

// The pages let go of the control plane before it ends.
Console::~Console()
{
    look(nullptr);
    m_start.reset();
    m_window.reset();
}

void Console::look(ControlPlane* plane)
{
    m_testStreams->setControlPlane(plane);
    m_window->setControlPlane(plane);
}

void Console::open()
{
    m_window->show();
    if (m_options.isDemo) {
        const LocalClusterChoice choice = demoChoice();
        if (const auto opened = openLocal(demoDir(), choice.name); !opened) {
            showFirstRun(&opened.error());
            return;
        }
        bringUp(choice);
        return;
    }
    if (!m_options.connectUrl.isEmpty()) {
        askToSignIn(m_options.connectUrl, {});
        return;
    }
    if (QFile::exists(m_options.dataDir + "/headgate.sqlite")) {
        if (const auto opened = openLocal(m_options.dataDir, m_settings->localName()); !opened)
            showFirstRun(&opened.error());
        return;
    }
    const std::vector<KnownConnection> known = m_settings->connections();
    if (known.empty())
        showFirstRun(nullptr);
    else
        askToSignIn(known.front().url, known.front().user);
}

Result<void> Console::openLocal(const QString& dataDir, const QString& deploymentName)
{
    look(nullptr);
    m_start.reset();
    m_remote.reset();
    m_cluster.reset();
    EngineHostOptions host;
    host.dataDir = format::utf8(dataDir);
    host.nodeProgram = format::utf8(QCoreApplication::applicationDirPath() + "/headgate-node");
    host.localNetwork = format::utf8(m_options.localNetwork);
    host.nodeAddress = format::utf8(m_options.nodeAddress);
    host.geoDatabase = format::utf8(m_options.geoDatabase);
    if (!deploymentName.isEmpty())
        host.deploymentName = format::utf8(deploymentName);
    auto cluster = EmbeddedCluster::start(std::move(host));
    if (!cluster)
        return tl::unexpected(cluster.error());
    m_cluster = std::move(*cluster);
    const QString api = format::text(m_cluster->apiUrl());
    m_pageContext.apiUrl = api;
    m_pageContext.apiUser.clear();
    m_window->setConnectionNote(api.isEmpty() ? format::errorLine(m_cluster->apiProblem())
                                              : MainWindow::tr("The API listens at %1").arg(api));
    m_window->setUser(localUser(), MainWindow::tr("This machine"));
    look(&m_cluster->controlPlane());
    return {};
}

void Console::copySetupCommand()
{
    const QString command = m_cluster == nullptr ? QString() : format::text(m_cluster->setupCommand());
    if (command.isEmpty()) {
        m_window->present({MainWindow::tr("This cluster has an account already, or is not this console's own: sign in "
                                          "with headgatectl login."),
                           nullptr});
        return;
    }
    QGuiApplication::clipboard()->setText(QCoreApplication::applicationDirPath() + QLatin1Char('/') + command);
    m_window->present({MainWindow::tr("Copied. The command holds once and asks for the new password."), nullptr});
}

void Console::bringUp(LocalClusterChoice choice)
{
    m_window->showInstead(nullptr);
    m_start = std::make_unique<ClusterStart>(m_cluster->controlPlane(), *m_testStreams, std::move(choice));
    QObject::connect(m_start.get(), &ClusterStart::stepsChanged, m_window.get(), [this] {
        for (const StartStep& step : m_start->steps())
            if (step.state == StepState::Failed)
                m_window->present({step.title + ": " + format::errorLine(step.error), nullptr});
    });
    m_start->begin();
}

void Console::showFirstRun(const Error* failure)
{
    auto* page = new FirstRunPage({m_media, *m_secrets, *m_testStreams, m_options.localNetwork});
    m_firstRun = page;
    QObject::connect(page, &FirstRunPage::localClusterChosen, m_window.get(),
                     [this](const LocalClusterChoice& choice) { startFirst(choice, m_options.dataDir); });
    QObject::connect(page, &FirstRunPage::demoChosen, m_window.get(),
                     [this](const LocalClusterChoice& choice) { startFirst(choice, demoDir()); });
    QObject::connect(page, &FirstRunPage::connectionChosen, m_window.get(), [this](const ConnectionChoice& choice) {
        m_settings->setServerKind(choice.url, choice.kind);
        if (!choice.authorities.isEmpty())
            m_settings->setAuthority(choice.url, choice.authorities);
        signInWith(choice.url, {choice.user, choice.password, choice.isRemembered}, [this](const Error& error) {
            if (m_firstRun != nullptr)
                m_firstRun->showFailure(error);
        });
    });
    QObject::connect(page, &FirstRunPage::finished, m_window.get(), [this] {
        m_window->showInstead(nullptr);
        m_window->goTo(QStringLiteral("overview"));
    });
    m_window->showInstead(page);
    if (failure != nullptr)
        page->showFailure(*failure);
}

void Console::startFirst(const LocalClusterChoice& choice, const QString& dataDir)
{
    m_settings->setLocalName(choice.name);
    const auto opened = openLocal(dataDir, choice.name);
    if (m_firstRun == nullptr)
        return;
    if (opened)
        m_firstRun->followStart(m_cluster->controlPlane());
    else
        m_firstRun->showFailure(opened.error());
}

void Console::askToSignIn(const QString& url, const QString& user)
{
    m_secrets->read(secretKey(url, user), [this, url, user](const QString& password) {
        if (password.isEmpty()) {
            openSignInDialog(url, user, std::nullopt);
            return;
        }
        signInWith(url, {user, password, true},
                   [this, url, user](const Error& error) { openSignInDialog(url, user, error); });
    });
}

void Console::openSignInDialog(const QString& url, const QString& user, std::optional<Error> failure)
{
    m_secrets->probe([this, url, user, failure = std::move(failure)](const SecretStoreStatus& keychain) {
        auto* dialog = new SignInDialog(url, user, keychain, m_window.get());
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        QObject::connect(dialog, &SignInDialog::signInRequested, m_window.get(),
                         [this, url, dialog = QPointer<SignInDialog>(dialog)](const SignInAnswer& answer) {
                             signInWith(url, answer, [dialog](const Error& error) {
                                 if (dialog != nullptr)
                                     dialog->showFailure(error);
                             });
                         });
        QObject::connect(m_window.get(), &MainWindow::controlPlaneShown, dialog, &QDialog::accept);
        QObject::connect(dialog, &QDialog::rejected, m_window.get(), [this] { showFirstRun(nullptr); });
        dialog->open();
        if (failure)
            dialog->showFailure(*failure);
    });
}

RemoteOptions Console::serverAt(const QString& url) const
{
    return {format::utf8(url), {}, format::utf8(m_settings->authority(url))};
}

void Console::signInWith(const QString& url, const SignInAnswer& answer, Refused refused)
{
    if (m_settings->serverKind(url) == ServerKind::StreamManager)
        return signInToStreamManager(url, answer, std::move(refused));
    signIn(m_window.get(), serverAt(url), format::utf8(answer.user), format::utf8(answer.password),
           [this, url, answer, refused = std::move(refused)](const Result<SessionCredentials>& credentials) {
               if (!credentials)
                   return askToTrust(url, answer, credentials.error(), refused);
               keepSecret(url, answer);
               RemoteOptions server = serverAt(url);
               server.credentials = *credentials;
               showRemote(url, answer.user, makeRemoteControlPlane(std::move(server)));
           });
}

// Whether it lets in shows with its first figures.
void Console::signInToStreamManager(const QString& url, const SignInAnswer& answer, Refused refused)
{
    m_candidate = makeStreamManagerControlPlane(
        {format::utf8(url), format::utf8(answer.user), format::utf8(answer.password), serverAt(url).authorities});
    ControlPlane* plane = m_candidate.get();
    QObject::connect(
        plane, &ControlPlane::linkChanged, m_window.get(),
        [this, plane, url, answer, refused = std::move(refused)] {
            if (plane != m_candidate.get() || plane->link().state == LinkState::Connecting)
                return;
            std::unique_ptr<ControlPlane> found = std::move(m_candidate);
            plane->disconnect(m_window.get());
            if (plane->link().state == LinkState::Connected) {
                keepSecret(url, answer);
                showRemote(url, answer.user, std::move(found));
                return;
            }
            const Error error = plane->link().error;
            found.release()->deleteLater();
            askToTrust(url, answer, error, refused);
        },
        Qt::QueuedConnection);
}

// Where it was only the authority that is not known, the operator may tell that it is the right one.
void Console::askToTrust(const QString& url, const SignInAnswer& answer, const Error& error, Refused refused)
{
    if (!url.startsWith(QLatin1String("https://")) || error.code != ErrorCode::Unavailable)
        return refused(error);
    askForAuthority(m_window.get(), serverAt(url),
                    [this, url, answer, error, refused = std::move(refused)](const Result<PresentedAuthority>& found) {
                        if (!found)
                            return refused(error);
                        auto* dialog = new TrustDialog(url, *found, m_window.get());
                        dialog->setAttribute(Qt::WA_DeleteOnClose);
                        QObject::connect(dialog, &QDialog::rejected, m_window.get(),
                                         [refused, error] { refused(error); });
                        QObject::connect(dialog, &QDialog::accepted, m_window.get(),
                                         [this, url, answer, refused, pem = format::text(found->pem)] {
                                             m_settings->setAuthority(url, pem);
                                             signInWith(url, answer, refused);
                                         });
                        dialog->open();
                    });
}

void Console::keepSecret(const QString& url, const SignInAnswer& answer)
{
    m_settings->rememberConnection({url, answer.user});
    if (!answer.isRemembered)
        return;
    m_secrets->write(secretKey(url, answer.user), answer.password, [this](SecretKept kept, SecretStoreStatus status) {
        if (kept == SecretKept::ForThisRun)
            m_window->present(
                {MainWindow::tr("No keychain, the password is kept for this run only: %1").arg(status.reason),
                 nullptr});
    });
}

void Console::showRemote(const QString& url, const QString& user, std::unique_ptr<ControlPlane> plane)
{
    look(nullptr);
    m_start.reset();
    m_cluster.reset();
    m_remote = std::move(plane);
    m_pageContext.apiUrl = url;
    m_pageContext.apiUser = user;
    m_window->setConnectionNote(url);
    m_window->setUser(user, url);
    if (m_firstRun != nullptr)
        m_window->goTo(QStringLiteral("overview"));
    m_window->showInstead(nullptr);
    look(m_remote.get());
    followSignOut(url, user);
}

void Console::followSignOut(const QString& url, const QString& user)
{
    ControlPlane* plane = m_remote.get();
    m_isAsking = false;
    QObject::connect(plane, &ControlPlane::linkChanged, m_window.get(), [this, plane, url, user] {
        if (plane != m_remote.get() || plane->link().state != LinkState::SignedOut || m_isAsking)
            return;
        m_isAsking = true;
        askToSignIn(url, user);
    });
}

bool Console::mayClose()
{
    if (m_cluster == nullptr)
        return true;
    const SnapshotPtr snapshot = m_cluster->host().snapshot();
    RunningNodes running;
    for (const NodeStatus& status : snapshot->nodes)
        running.nodes += status.node.health == NodeHealth::Dead ? 0 : 1;
    running.publishers = snapshot->totals.publishers;
    running.viewers = snapshot->totals.viewers;
    running.testStreams = static_cast<int>(m_testStreams->entries().size());
    if (running.nodes == 0)
        return true;
    CloseChoice choice(running, m_window.get());
    choice.exec();
    if (choice.answer() != CloseAnswer::StopNodes)
        return choice.answer() == CloseAnswer::KeepNodes;
    QEventLoop waiting;
    EngineHost& host = m_cluster->host();
    std::thread stopping([&host, &waiting] {
        host.stopAllNodes(nodeStopTimeout);
        QMetaObject::invokeMethod(&waiting, &QEventLoop::quit, Qt::QueuedConnection);
    });
    QApplication::setOverrideCursor(Qt::WaitCursor);
    waiting.exec(QEventLoop::ExcludeUserInputEvents);
    QApplication::restoreOverrideCursor();
    stopping.join();
    return true;
}

}  // namespace headgate
