#pragma once

#include "tests/plane/api_fixture.h"
#include "tests/support/plane_parts.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <memory>
#include <string>

namespace headgate::test {

struct Run
{
    int status = -1;
    QString out;
    QString err;
};

// The built headgatectl against a real server.
class CtlFixture : public QObject
{
protected:
    bool start(ApiOptions options = {})
    {
        m_fixture = std::make_unique<ApiFixture>(std::move(options));
        m_directory = std::make_unique<QTemporaryDir>();
        return m_fixture->isUp();
    }

    QString path(const QString& name) const { return m_directory->filePath(name); }

    void write(const QString& name, const std::string& text)
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(text));
    }

    void signIn()
    {
        QVERIFY(m_fixture->addAccount("admin"));
        QVERIFY(m_fixture->signIn());
        write("token", m_fixture->token() + "\n");
    }

    void startCtl(QProcess& process, const QStringList& arguments)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("HEADGATE_SERVER", "http://127.0.0.1:" + QString::number(m_fixture->port()));
        environment.insert("HEADGATE_TOKEN_FILE", path("token"));
        process.setProcessEnvironment(environment);
        process.setStandardInputFile(QProcess::nullDevice());
        process.start(QString::fromStdString(builtProgram("headgatectl")), arguments);
    }

    Run ctl(const QStringList& arguments)
    {
        QProcess process;
        startCtl(process, arguments);
        if (!process.waitForFinished(30'000) || process.exitStatus() != QProcess::NormalExit)
            return {};
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }

    std::unique_ptr<ApiFixture> m_fixture;
    std::unique_ptr<QTemporaryDir> m_directory;
};

}  // namespace headgate::test
