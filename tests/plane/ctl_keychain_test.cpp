#include "tests/plane/api_fixture.h"
#include "tests/support/keyring_session.h"
#include "tests/support/plane_parts.h"

#include <QFileInfo>

using namespace headgate;
using namespace headgate::test;

namespace {

struct Told
{
    int status = -1;
    QString text;
};

// The built headgatectl in the surroundings of this process, and nothing that tells it where its token is.
class SignedOutCtl : public QObject
{
protected:
    static QString tokenFile() { return QDir::homePath() + "/.config/headgate/token"; }

    void start(ApiOptions options = {})
    {
        m_fixture = std::make_unique<ApiFixture>(std::move(options));
        QVERIFY(m_fixture->isUp() && m_fixture->addAccount("admin"));
        QFile password(QDir::homePath() + "/password");
        QVERIFY(password.open(QIODevice::WriteOnly));
        password.write(QByteArray::fromStdString(ApiFixture::password() + "\n"));
    }

    QString server() const { return "http://127.0.0.1:" + QString::number(m_fixture->port()); }

    Told ctl(const QStringList& arguments) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("HEADGATE_SERVER", server());
        environment.remove("HEADGATE_TOKEN_FILE");
        environment.remove("HEADGATE_TOKEN");
        QProcess process;
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.setStandardInputFile(QProcess::nullDevice());
        process.start(QString::fromStdString(builtProgram("headgatectl")), arguments);
        if (!process.waitForFinished(30'000) || process.exitStatus() != QProcess::NormalExit)
            return {};
        return {process.exitCode(), process.readAll()};
    }

    Told login(const QStringList& more = {}) const
    {
        return ctl(QStringList{"login", "-u", "admin", "-p", QDir::homePath() + "/password"} + more);
    }

    // Where there is no keychain to use, for the reason that is told.
    void fallsBackToTheFile(const QString& reason)
    {
        start();
        const Told before = ctl({"get", "nodes"});
        QVERIFY2(before.status == 4 && before.text.contains("keychain"), qPrintable(before.text));
        const Told in = login();
        QVERIFY2(in.status == 0 && in.text.contains(reason) && in.text.contains(tokenFile()), qPrintable(in.text));
        const auto owner = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
        QCOMPARE(QFileInfo(tokenFile()).permissions() & ~(QFileDevice::ReadUser | QFileDevice::WriteUser), owner);
        const Told nodes = ctl({"get", "nodes"});
        QVERIFY2(nodes.status == 0 && !nodes.text.contains("keychain"), qPrintable(nodes.text));
    }

    std::unique_ptr<ApiFixture> m_fixture;
};

}  // namespace

class CtlWithoutKeychainTest : public SignedOutCtl
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheTokenInAFileAndSaysWhy() { fallsBackToTheFile("there is no keychain here"); }
};

class CtlWithKeychainTest : public SignedOutCtl
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        ApiOptions options;
        options.tokenLifetimes.access = std::chrono::seconds(2);
        start(std::move(options));
    }

    // The file is what the surroundings without a keychain left.
    void keepsTheTokenThereAndEndsTheFile()
    {
        QVERIFY(QFileInfo::exists(tokenFile()));
        const Told in = login();
        QVERIFY2(in.status == 0 && in.text.contains("in the keychain of this machine"), qPrintable(in.text));
        QVERIFY(!QFileInfo::exists(tokenFile()));
        QCOMPARE(ctl({"get", "nodes"}).status, 0);
        QVERIFY2(!isInFiles(QDir::homePath() + "/.config", "eyJ"), "no token in a file");
    }

    void renewedTokensGoThereToo()
    {
        for (int i = 0; i < 2; ++i) {
            QTest::qWait(3000);
            const Told nodes = ctl({"get", "nodes"});
            QVERIFY2(nodes.status == 0, qPrintable(nodes.text));
        }
        QVERIFY(!QFileInfo::exists(tokenFile()));
    }

    void tokensAreForTheirServerOnly()
    {
        const Told other = ctl({"get", "nodes", "--server", "http://127.0.0.1:1"});
        QVERIFY2(other.status == 4 && other.text.contains("http://127.0.0.1:1"), qPrintable(other.text));
    }

    void aNamedFileIsUsedInstead()
    {
        const QString file = QDir::homePath() + "/mine";
        const Told none = ctl({"get", "nodes", "--token-file", file});
        QVERIFY2(none.status == 4, "the token in the keychain is not taken");
        const Told in = login({"--token-file", file});
        QVERIFY2(in.status == 0 && in.text.contains(file) && !in.text.contains("the keychain"), qPrintable(in.text));
        QCOMPARE(ctl({"get", "nodes", "--token-file", file}).status, 0);
        QCOMPARE(ctl({"get", "nodes"}).status, 0);
    }
};

class CtlWithLockedKeychainTest : public SignedOutCtl
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheTokenInAFileAndSaysWhy() { fallsBackToTheFile("the keychain is locked"); }
};

int main(int argc, char** argv)
{
    return runInEach<CtlWithoutKeychainTest, CtlWithKeychainTest, CtlWithLockedKeychainTest>(argc, argv);
}

#include "ctl_keychain_test.moc"
