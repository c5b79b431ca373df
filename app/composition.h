#pragma once

#include "app/embedded_cluster.h"
#include "core/plane/secret_store.h"
#include "ui/frame/main_window.h"
#include "ui/models/test_streams.h"
#include "ui/pages/cluster_start.h"
#include "ui/pages/first_run_page.h"
#include "ui/shell/media_services.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"

#include <QPointer>
#include <QString>

#include <memory>
#include <optional>

class QApplication;

namespace headgate {

class SignInDialog;
struct SignInAnswer;

struct ConsoleOptions
{
    bool isDemo = false;
    QString connectUrl;
    QString dataDir;       // of the local cluster; the demo has a folder "demo" below it
    QString settingsFile;  // empty = the user's own
    QString localNetwork = QStringLiteral("127.77.0.0/16");
    QString nodeAddress;
    QString geoDatabase;  // of the local cluster; empty: nobody knows where viewers are
};

// The console put together: window, pages, and the control plane they look at, embedded or remote.
class Console
{
public:
    Console(QApplication& application, ConsoleOptions options);
    ~Console();

    // Shows the window with what the options and the last run ask for: a demo, a server, the local cluster or the
    // first run.
    void open();

    // Opens the control plane of `dataDir` in this process and shows it. Unavailable if another process holds it.
    Result<void> openLocal(const QString& dataDir, const QString& deploymentName);

    // Brings up `choice` on the open local cluster, test stream included.
    void bringUp(LocalClusterChoice choice);

    void showFirstRunPage() { showFirstRun(nullptr); }

    // Shows any control plane; it outlives the console or the next call.
    void look(ControlPlane* plane);

    QString demoDir() const { return m_options.dataDir + "/demo"; }
    QString whyNoChaos() const;  // empty if nodes can be broken on purpose
    const ConsoleOptions& options() const { return m_options; }
    MainWindow& window() { return *m_window; }
    Theme& theme() { return *m_theme; }
    TestStreams& testStreams() { return *m_testStreams; }
    EmbeddedCluster* cluster() { return m_cluster.get(); }
    const MediaServices& media() const { return m_media; }

private:
    void showFirstRun(const Error* failure);
    void copySetupCommand();
    void startFirst(const LocalClusterChoice& choice, const QString& dataDir);
    void askToSignIn(const QString& url, const QString& user);
    void openSignInDialog(const QString& url, const QString& user, std::optional<Error> failure);
    using Refused = std::function<void(const Error&)>;
    void signInWith(const QString& url, const SignInAnswer& answer, Refused refused);
    void askToTrust(const QString& url, const SignInAnswer& answer, const Error& error, Refused refused);
    RemoteOptions serverAt(const QString& url) const;
    void showRemote(const QString& url, const QString& user, std::unique_ptr<ControlPlane> plane);
    void signInToStreamManager(const QString& url, const SignInAnswer& answer, Refused refused);
    void followSignOut(const QString& url, const QString& user);
    void keepSecret(const QString& url, const SignInAnswer& answer);
    bool mayClose();

    ConsoleOptions m_options;
    MediaServices m_media;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<SecretStore> m_secrets;
    std::unique_ptr<TestStreams> m_testStreams;
    PageContext m_pageContext;
    std::unique_ptr<EmbeddedCluster> m_cluster;
    std::unique_ptr<ControlPlane> m_remote;
    std::unique_ptr<ControlPlane> m_candidate;  // a Stream Manager that is being signed in to
    std::unique_ptr<MainWindow> m_window;
    std::unique_ptr<ClusterStart> m_start;
    QPointer<FirstRunPage> m_firstRun;
    bool m_isAsking = false;  // for the sign-in after a sign-out of the present control plane
};

}  // namespace headgate
