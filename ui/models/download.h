#pragma once

#include "core/base/result.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QSaveFile>

#include <memory>

namespace headgate {

// One file on its way from an http address to this machine. Nothing stands at its place before all of it is there.
class Download : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    ~Download() override;

    // Ends the one before.
    void start(const QString& url, const QString& path);
    void cancel();
    bool isRunning() const { return m_reply != nullptr; }
    const QString& path() const { return m_path; }

Q_SIGNALS:
    void progressed(qint64 received, qint64 total);  // total -1: not told
    void saved();
    void failed(const headgate::Error& error);

private:
    void write();
    void finish();
    void fail(const QString& why, const char* remedy);

    QNetworkAccessManager m_network;
    QPointer<QNetworkReply> m_reply;
    std::unique_ptr<QSaveFile> m_file;
    QString m_path;
};

}  // namespace headgate
