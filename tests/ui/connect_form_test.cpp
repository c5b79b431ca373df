#include "app/composition.h"
#include "core/plane/capabilities.h"
#include "core/plane/certificates.h"
#include "core/plane/local_authority.h"
#include "tests/support/console_app.h"
#include "tests/support/remote_server.h"
#include "ui/dialogs/trust_dialog.h"
#include "ui/pages/first_run_page.h"
#include "ui/widgets/notice.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>

using namespace headgate;

namespace {

constexpr int patience = 60'000;
constexpr const char* password = "the right password";

TimePoint now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

// The console's form for a control plane elsewhere, driven against servers that are there: one whose authority nobody
// knows yet, and one that is looked at as a Stream Manager 2.0.
class ConnectFormTest : public QObject
{
    Q_OBJECT

private:
    MainWindow& window() const { return m_console->window(); }
    FirstRunPage& form() const { return *window().findChild<FirstRunPage*>(); }

    void openConsole()
    {
        ConsoleOptions options;
        options.dataDir = m_folder.filePath("data");
        options.settingsFile = m_folder.filePath("console.ini");
        options.localNetwork = QString::fromStdString(test::ownNetwork());
        m_console = std::make_unique<Console>(*qApp, options);
        window().resize(1440, 900);
        m_console->showFirstRunPage();
        window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&window()));
        form().setWay(FirstRunPage::Way::Connect);
    }

    void fill(const QString& url, int kind)
    {
        const std::pair<const char*, QString> fields[] = {{"url", url}, {"user", "admin"}, {"password", password}};
        for (const auto& [name, text] : fields)
            form().findChild<QLineEdit*>(name)->setText(text);
        form().findChild<QComboBox*>("kind")->setCurrentIndex(kind);
    }
    void go() { QTest::mouseClick(form().findChild<QPushButton*>("go"), Qt::LeftButton); }

    TrustDialog* question() const { return window().findChild<TrustDialog*>(); }

    bool isConnected() const
    {
        const ControlPlane* plane = window().currentPage()->controlPlane();
        return plane != nullptr && plane->snapshot() != nullptr && plane->link().state == LinkState::Connected;
    }

    // Light and dark.
    void keepPictures(QWidget& widget, const QString& name)
    {
        for (const ThemeChoice choice : {ThemeChoice::Dark, ThemeChoice::Light}) {
            m_console->theme().setChoice(choice);
            QTest::qWait(50);
            test::keepPicture(widget, name + (choice == ThemeChoice::Dark ? "-dark" : "-light"));
        }
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Console> m_console;
    std::shared_ptr<const LocalAuthority> m_authority;
    test::RemoteServer m_secure;
    test::RemoteServer m_plain;

private Q_SLOTS:
    void initTestCase()
    {
        m_authority = LocalAuthority::open(m_folder.path().toStdString(), std::string(32, 'k'), now()).value();
        m_secure.useTls(ServerTls::issuedBy(m_authority, {"127.0.0.1"}, TlsClients::Anyone, now()).value());
        for (test::RemoteServer* server : {&m_secure, &m_plain}) {
            QVERIFY(server->start());
            QVERIFY(server->putAccount(password));
            QVERIFY(server->send(CreateNodeGroup{test::sampleGroup("eu-live", 0, 0)}));
        }
        openConsole();
    }
    void cleanupTestCase() { m_console.reset(); }

    void anUnknownAuthorityIsAskedAboutAndNotTrustedByChance()
    {
        fill(m_secure.url(), 0);
        go();
        QTRY_VERIFY_WITH_TIMEOUT(question() && question()->isVisible(), patience);
        const auto* fingerprint = question()->findChild<QLabel*>("fingerprint");
        QCOMPARE(fingerprint->text().remove('\n'), QString::fromStdString(fingerprintOf(m_authority->certificate())));
        QCOMPARE(fingerprint->text().count('\n'), 1);
        QVERIFY(!question()->findChild<QPushButton*>("trust")->isDefault());
        keepPictures(*question(), "trust");
        QTest::keyClick(question(), Qt::Key_Return);  // the answer that is given without reading
        QTRY_VERIFY_WITH_TIMEOUT(form().findChild<Notice*>("failure")->isVisible(), patience);
        QVERIFY(!isConnected());
        QTRY_VERIFY(!question());
    }

    void trustedOnceItIsTrustedFromThenOn()
    {
        go();
        QTRY_VERIFY_WITH_TIMEOUT(question() && question()->isVisible(), patience);
        QTest::mouseClick(question()->findChild<QPushButton*>("trust"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(isConnected(), patience);
        QTRY_VERIFY(!question());
        m_console.reset();
        openConsole();
        fill(m_secure.url(), 0);
        go();
        QTRY_VERIFY_WITH_TIMEOUT(isConnected(), patience);
        QVERIFY(!question());
    }

    void aStreamManagerIsManagedAndWhatItCannotDoIsGreyedOutWithTheReason()
    {
        m_console.reset();
        openConsole();
        fill(m_plain.url(), 1);
        keepPictures(window(), "connect-stream-manager");
        go();
        QTRY_VERIFY_WITH_TIMEOUT(isConnected(), patience);
        const ControlPlane& plane = *window().currentPage()->controlPlane();
        QCOMPARE(plane.snapshot()->nodeGroups.size(), std::size_t(1));
        const std::vector<std::pair<const char*, Ability>> pages = {{"nodes", Ability::DrainNodes},
                                                                    {"regions", Ability::WriteRegions},
                                                                    {"deployments", Ability::WriteDeployments},
                                                                    {"node-images", Ability::WriteNodeImages},
                                                                    {"account", Ability::ManageAccounts}};
        for (const auto& [page, ability] : pages) {
            window().goTo(page);
            const QString why = QString::fromStdString(plane.capabilities().whyNot(ability));
            QVERIFY(!why.isEmpty());
            const auto* told = window().currentPage()->findChild<QLabel*>("lacking");
            QTRY_VERIFY2(told->isVisible() && told->text() == why, page);
            keepPictures(window(), QStringLiteral("stream-manager-") + page);
        }
        const auto disabled = [this](const char* page, const char* button) -> QString {
            window().goTo(page);
            const auto* action = window().currentPage()->findChild<QPushButton*>(button);
            return action == nullptr || action->isEnabled() ? QString() : action->toolTip();
        };
        QVERIFY(disabled("regions", "newRegion").contains("those of its cloud"));
        QVERIFY(disabled("deployments", "newDeployment").contains("no deployments"));
        // What it can do is offered.
        window().goTo("node-groups");
        QVERIFY(!window().currentPage()->findChild<QLabel*>("lacking")->isVisible());
        QVERIFY(window().currentPage()->findChild<QPushButton*>("newGroup")->isEnabled());
        keepPictures(window(), "stream-manager-node-groups");
    }

    void aWrongPasswordOfAStreamManagerIsSaidInTheForm()
    {
        m_console.reset();
        openConsole();
        fill(m_plain.url(), 1);
        form().findChild<QLineEdit*>("password")->setText("a wrong password");
        go();
        QTRY_VERIFY_WITH_TIMEOUT(form().findChild<Notice*>("failure")->isVisible(), patience);
        QVERIFY(!isConnected());
    }
};

QTEST_MAIN(ConnectFormTest)
#include "connect_form_test.moc"
