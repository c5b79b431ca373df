#include "ui/shell/secret_store.h"

#include <QApplication>
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cstdio>
#include <optional>

using namespace headgate;

namespace {

// Says in which of the three surroundings this process runs; without it the process makes them.
constexpr const char* surroundingsVariable = "HEADGATE_TEST_KEYCHAIN";
constexpr int patience = 20'000;

template <typename T>
T awaited(const std::optional<T>& answer, T otherwise)
{
    return QTest::qWaitFor([&answer] { return answer.has_value(); }, patience) ? *answer : otherwise;
}

SecretStoreStatus probeOf(SecretStore& store)
{
    std::optional<SecretStoreStatus> found;
    store.probe([&found](const SecretStoreStatus& status) { found = status; });
    return awaited(found, SecretStoreStatus{SecretStoreState::Unavailable, {}});
}

std::optional<SecretKept> write(SecretStore& store, const QString& key, const QString& secret)
{
    std::optional<SecretKept> kept;
    store.write(key, secret, [&kept](SecretKept where, const SecretStoreStatus&) { kept = where; });
    return QTest::qWaitFor([&kept] { return kept.has_value(); }, patience) ? kept : std::nullopt;
}

QString readOf(SecretStore& store, const QString& key)
{
    std::optional<QString> secret;
    store.read(key, [&secret](const QString& found) { secret = found; });
    return awaited(secret, QStringLiteral("no answer"));
}

bool isInFiles(const QString& folder, const QByteArray& text)
{
    QProcess search;
    search.start("grep", {"-r", "-q", "-a", "-F", QString::fromUtf8(text), folder});
    return search.waitForFinished() && search.exitCode() == 0;
}

}  // namespace

class NoKeychainTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isSaid()
    {
        SecretStore store("headgate-test");
        const SecretStoreStatus status = probeOf(store);
        QVERIFY(status.state == SecretStoreState::Unavailable);
        QVERIFY(!status.reason.isEmpty());
        QVERIFY(whereKept(status).contains("no keychain"));
    }

    void secretIsKeptForThisRunOnly()
    {
        {
            SecretStore store("headgate-test");
            QVERIFY(write(store, "http://there|anna", "only in memory") == SecretKept::ForThisRun);
            QCOMPARE(readOf(store, "http://there|anna"), QString("only in memory"));
            store.forget("http://there|anna");
            QCOMPARE(readOf(store, "http://there|anna"), QString());
            QVERIFY(write(store, "http://there|anna", "only in memory") == SecretKept::ForThisRun);
        }
        SecretStore next("headgate-test");
        QCOMPARE(readOf(next, "http://there|anna"), QString());
        QVERIFY(!isInFiles(QDir::homePath(), "only in memory"));
    }
};

class OpenKeyringTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isAvailable()
    {
        SecretStore store("headgate-test");
        const SecretStoreStatus status = probeOf(store);
        QVERIFY2(status.state == SecretStoreState::Available, qPrintable(status.reason));
    }

    void secretOutlivesTheStore()
    {
        {
            SecretStore store("headgate-test");
            QVERIFY(write(store, "http://there|anna", "kept by the keyring") == SecretKept::InKeychain);
        }
        SecretStore next("headgate-test");
        QCOMPARE(readOf(next, "http://there|anna"), QString("kept by the keyring"));
        QCOMPARE(readOf(next, "http://there|bert"), QString());
        QVERIFY2(!isInFiles(QDir::homePath(), "kept by the keyring"), "the keyring encrypts it");
    }

    void secretCanBeReplacedAndForgotten()
    {
        SecretStore store("headgate-test");
        QVERIFY(write(store, "http://there|anna", "a newer one") == SecretKept::InKeychain);
        {
            SecretStore next("headgate-test");
            QCOMPARE(readOf(next, "http://there|anna"), QString("a newer one"));
        }
        store.forget("http://there|anna");
        QTRY_COMPARE_WITH_TIMEOUT(readOf(store, "http://there|anna"), QString(), patience);
    }

    void probeLeavesNothingBehind()
    {
        SecretStore store("headgate-test");
        QVERIFY(probeOf(store).state == SecretStoreState::Available);
        QTRY_COMPARE_WITH_TIMEOUT(readOf(store, "headgate-probe"), QString(), patience);
    }
};

class LockedKeyringTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isToldFromAbsent()
    {
        SecretStore store("headgate-test");
        const SecretStoreStatus status = probeOf(store);
        QVERIFY2(status.state == SecretStoreState::Locked, qPrintable(status.reason));
        QVERIFY(whereKept(status).contains("locked"));
    }

    void secretIsKeptForThisRunOnly()
    {
        SecretStore store("headgate-test");
        QVERIFY(write(store, "http://there|anna", "not into a locked one") == SecretKept::ForThisRun);
        QCOMPARE(readOf(store, "http://there|anna"), QString("not into a locked one"));
    }
};

namespace {

// Runs this program once more: in a home of its own, on a bus of its own, with a keyring that `password` opens.
int runInside(const QString& surroundings, const QString& home, const QString& password)
{
    const QString runtime = home + "/runtime-" + surroundings;
    QDir().mkpath(runtime);
    QFile::setPermissions(runtime, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("HOME", home);
    environment.insert("XDG_RUNTIME_DIR", runtime);
    environment.insert("HEADGATE_TEST_KEYRING_PASSWORD", password);
    environment.insert(surroundingsVariable, surroundings);
    environment.remove("XDG_DATA_HOME");
    environment.remove("XDG_CONFIG_HOME");
    QString program = QCoreApplication::applicationFilePath();
    QStringList arguments;
    if (surroundings == "none") {
        environment.insert("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + home + "/no-bus");
    } else {
        environment.remove("DBUS_SESSION_BUS_ADDRESS");
        arguments = {"--", "sh", "-c",
                     "printf %s \"$HEADGATE_TEST_KEYRING_PASSWORD\" | gnome-keyring-daemon --unlock "
                     "--components=secrets > /dev/null; exec \"$0\"",
                     program};
        program = "dbus-run-session";
    }
    QProcess process;
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.start(program, arguments);
    if (!process.waitForFinished(3 * patience)) {
        std::fprintf(stderr, "%s: %s\n", qPrintable(program), qPrintable(process.errorString()));
        process.kill();
        process.waitForFinished();
        return 1;
    }
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    const QString surroundings = qEnvironmentVariable(surroundingsVariable);
    if (surroundings == "none") {
        NoKeychainTest test;
        return QTest::qExec(&test, argc, argv);
    }
    if (surroundings == "open") {
        OpenKeyringTest test;
        return QTest::qExec(&test, argc, argv);
    }
    if (surroundings == "locked") {
        LockedKeyringTest test;
        return QTest::qExec(&test, argc, argv);
    }
    const QTemporaryDir home;
    int failures = runInside("none", home.path(), {});
    failures += runInside("open", home.path(), "the keyring's password");
    failures += runInside("locked", home.path(), "another password");
    return failures;
}

#include "secret_store_test.moc"
