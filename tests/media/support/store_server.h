#pragma once

#include "core/domain/recording_settings.h"
#include "tests/support/media_tools.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcessEnvironment>

#include <csignal>

namespace headgate::test {

constexpr const char* bucket = "recordings";

// Moto with its check of signatures. Its first calls need none: they make the account and the bucket.
class StoreServer
{
public:
    bool start(const QString& logFile)
    {
        m_port = freePort();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        const QString source = environment.value("HEADGATE_SOURCE_DIR");
        environment.insert("PYTHONPATH", source + "/build/tools/python");
        environment.insert("INITIAL_NO_AUTH_ACTION_COUNT", "4");
        m_process.setProcessEnvironment(environment);
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setStandardOutputFile(logFile);
        m_process.start("/usr/bin/python3",
                        {source + "/tests/support/s3_server.py", QString::number(m_port), QString(bucket)});
        const bool isUp = waitUntil(
            [&] {
                QFile file(logFile);
                return file.open(QIODevice::ReadOnly) && readKeys(file.readAll());
            },
            60'000);
        return isUp && m_process.state() == QProcess::Running;
    }

    void stop()
    {
        m_process.kill();
        m_process.waitForFinished(10'000);
    }
    void freeze() const { ::kill(static_cast<pid_t>(m_process.processId()), SIGSTOP); }
    void thaw() const { ::kill(static_cast<pid_t>(m_process.processId()), SIGCONT); }
    ~StoreServer() { stop(); }

    S3Settings settings() const
    {
        S3Settings store;
        store.endpoint = "http://127.0.0.1:" + std::to_string(m_port);
        store.bucket = bucket;
        store.prefix = "folder/";
        store.accessKey = m_accessKey;
        store.secretKey = m_secretKey;
        return store;
    }

private:
    // {"accessKey":...,"secretKey":...} on a line of its own.
    bool readKeys(const QByteArray& log)
    {
        for (const QByteArray& line : log.split('\n')) {
            const QJsonObject keys = QJsonDocument::fromJson(line).object();
            m_accessKey = keys["accessKey"].toString().toStdString();
            m_secretKey = keys["secretKey"].toString().toStdString();
            if (!m_secretKey.empty())
                return true;
        }
        return false;
    }

    quint16 m_port = 0;
    QProcess m_process;
    std::string m_accessKey;
    std::string m_secretKey;
};

}  // namespace headgate::test
