#include "app/composition.h"
#include "tests/support/console_app.h"
#include "tests/support/remote_server.h"
#include "ui/dialogs/sign_in_dialog.h"
#include "ui/pages/first_run_page.h"
#include "ui/widgets/notice.h"

#include <QApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>

using namespace headgate;

namespace {

constexpr int patience = 60'000;

void type(QWidget& form, const QString& field, const QString& text)
{
    auto* edit = form.findChild<QLineEdit*>(field);
    QVERIFY(edit != nullptr);
    edit->setText(text);
}

}  // namespace

// The console as a client of a control plane elsewhere: sign-in, loss, return, end of the token.
class RemoteConsoleTest : public QObject
{
    Q_OBJECT

private:
    MainWindow& window() const { return m_console->window(); }

    // The line that says how old the data is, if it is shown.
    Notice* banner() const
    {
        const QList<Notice*> notices = window().findChildren<Notice*>();
        for (Notice* notice : notices)
            if (notice->isVisible() && notice->accessibleName().startsWith("Data is"))
                return notice;
        return nullptr;
    }

    bool isHealthy() const
    {
        const Page* page = window().currentPage();
        return page->state() == PageState::Normal && !page->isStale() && banner() == nullptr &&
               page->controlPlane()->link().state == LinkState::Connected;
    }

    test::RemoteServer m_server;
    QTemporaryDir m_folder;
    std::unique_ptr<Console> m_console;

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_server.start());
        QVERIFY(m_server.putAccount("the right password"));
        QVERIFY(m_server.send(CreateNodeGroup{test::sampleGroup("eu-live", 0, 0)}));
        ConsoleOptions options;
        options.dataDir = m_folder.filePath("data");
        options.settingsFile = m_folder.filePath("console.ini");
        options.localNetwork = QString::fromStdString(test::ownNetwork());
        m_console = std::make_unique<Console>(*qApp, options);
        window().resize(1440, 900);
        m_console->open();
        QVERIFY(QTest::qWaitForWindowExposed(&window()));
    }

    void cleanupTestCase() { m_console.reset(); }

    void wrongPasswordIsSaidInTheForm()
    {
        auto* firstRun = window().findChild<FirstRunPage*>();
        QVERIFY(firstRun != nullptr);
        firstRun->setWay(FirstRunPage::Way::Connect);
        type(*firstRun, "url", m_server.url());
        type(*firstRun, "user", "admin");
        type(*firstRun, "password", "a wrong password");
        QTest::mouseClick(firstRun->findChild<QPushButton*>("go"), Qt::LeftButton);
        auto* failure = firstRun->findChild<Notice*>("failure");
        QTRY_VERIFY_WITH_TIMEOUT(failure->isVisible(), patience);
        QVERIFY2(failure->accessibleDescription().contains("user name and password"),
                 qPrintable(failure->accessibleDescription()));
        QVERIFY(firstRun->findChild<QPushButton*>("go")->isEnabled());
        test::keepPicture(window(), "remote-wrong-password");
    }

    void absentServerIsSaidInTheForm()
    {
        auto* firstRun = window().findChild<FirstRunPage*>();
        type(*firstRun, "url", "http://127.0.0.1:1");
        QTest::mouseClick(firstRun->findChild<QPushButton*>("go"), Qt::LeftButton);
        auto* failure = firstRun->findChild<Notice*>("failure");
        QTRY_VERIFY_WITH_TIMEOUT(failure->isVisible() && firstRun->findChild<QPushButton*>("go")->isEnabled(),
                                 patience);
        QVERIFY(!failure->accessibleDescription().contains("password"));
        test::keepPicture(window(), "remote-absent");
    }

    void rightPasswordOpensTheOverview()
    {
        auto* firstRun = window().findChild<FirstRunPage*>();
        type(*firstRun, "url", m_server.url());
        type(*firstRun, "password", "the right password");
        QTest::mouseClick(firstRun->findChild<QPushButton*>("go"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(window().currentPage()->controlPlane() != nullptr && isHealthy(), patience);
        QCOMPARE(window().currentPage()->identity().id, QString("overview"));
        QVERIFY(window().currentPage()->isVisible());
        QCOMPARE(QString::fromStdString(window().currentPage()->controlPlane()->snapshot()->deploymentName),
                 QString("Far away"));
        test::keepPicture(window(), "remote-overview");
    }

    void lostServerMakesTheDataStale()
    {
        m_server.stop();
        QTRY_VERIFY_WITH_TIMEOUT(banner() != nullptr && window().currentPage()->isStale(), patience);
        QCOMPARE(window().currentPage()->state(), PageState::Normal);
        test::keepPicture(window(), "remote-lost");
    }

    void returnedServerIsFoundByItself()
    {
        QVERIFY(m_server.start());
        QTRY_VERIFY_WITH_TIMEOUT(isHealthy(), patience);
        // What happens there now is seen here.
        QVERIFY(m_server.send(CreateNodeGroup{test::sampleGroup("us-live", 0, 0)}));
        QTRY_COMPARE_WITH_TIMEOUT(window().currentPage()->controlPlane()->snapshot()->nodeGroups.size(), std::size_t(2),
                                  patience);
    }

    void endedTokenAsksToSignInAgain()
    {
        window().goTo("node-groups");
        // A new password ends every token of the old one.
        QVERIFY(m_server.putAccount("a new password"));
        m_server.stop();
        QVERIFY(m_server.start());
        QTRY_VERIFY_WITH_TIMEOUT(window().findChild<SignInDialog*>() != nullptr, patience);
        auto* dialog = window().findChild<SignInDialog*>();
        QVERIFY(dialog->isVisible());
        QVERIFY(window().currentPage()->isStale());
        test::keepPicture(*dialog, "remote-sign-in");

        type(*dialog, "password", "the right password");
        QTest::mouseClick(dialog->findChild<QPushButton*>("signIn"), Qt::LeftButton);
        auto* failure = dialog->findChild<Notice*>("failure");
        QTRY_VERIFY_WITH_TIMEOUT(failure->isVisible(), patience);

        type(*dialog, "password", "a new password");
        QTest::mouseClick(dialog->findChild<QPushButton*>("signIn"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(window().findChild<SignInDialog*>() == nullptr && isHealthy(), patience);
        QCOMPARE(window().currentPage()->identity().id, QString("node-groups"));
    }
};

QTEST_MAIN(RemoteConsoleTest)
#include "remote_console_test.moc"
