#pragma once

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <cstdio>

namespace headgate::test {

// In which surroundings a program runs that makes them around itself.
constexpr const char* surroundingsVariable = "HEADGATE_TEST_KEYCHAIN";

// Runs this program once more: in a home of its own, on a bus of its own, with a keyring that `password` opens.
inline int runInside(const QString& surroundings, const QString& home, const QString& password)
{
    constexpr int patience = 60'000;
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
    if (!process.waitForFinished(patience)) {
        std::fprintf(stderr, "%s: %s\n", qPrintable(program), qPrintable(process.errorString()));
        process.kill();
        process.waitForFinished();
        return 1;
    }
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 1;
}

// Runs one test class in each of the surroundings, by a program of its own each.
template <typename None, typename Open, typename Locked>
int runInEach(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const QString surroundings = qEnvironmentVariable(surroundingsVariable);
    if (surroundings == "none") {
        None test;
        return QTest::qExec(&test, argc, argv);
    }
    if (surroundings == "open") {
        Open test;
        return QTest::qExec(&test, argc, argv);
    }
    if (surroundings == "locked") {
        Locked test;
        return QTest::qExec(&test, argc, argv);
    }
    const QTemporaryDir home;
    int failures = runInside("none", home.path(), {});
    failures += runInside("open", home.path(), "the keyring's password");
    failures += runInside("locked", home.path(), "another password");
    return failures;
}

inline bool isInFiles(const QString& folder, const QByteArray& text)
{
    QProcess search;
    search.start("grep", {"-r", "-q", "-a", "-F", QString::fromUtf8(text), folder});
    return search.waitForFinished() && search.exitCode() == 0;
}

}  // namespace headgate::test
