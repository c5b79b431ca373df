#pragma once

#include "core/base/result.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QSaveFile>
#include <QTimer>

#include <memory>

namespace headgate {

// One file on its way from an http address to this machine, or several where a recording is so many. Nothing stands at
// its place before all of it is there; what breaks off is gone on with.
class Download : public QObject
{
    Q_OBJECT

public:
    explicit Download(QObject* parent = nullptr);
    ~Download() override;

    // Ends the one before.
    void start(const QString& url, const QString& path);
    void cancel();
    bool isRunning() const { return m_file != nullptr; }
    QString path() const;  // of the newest file

Q_SIGNALS:
    void progressed(qint64 received, qint64 total);  // total -1: not told
    void saved();
    void failed(const headgate::Error& error);

private:
    void begin();
    void ask();
    void write();
    void finish();
    void keep();
    bool goOnLater();
    void letGo();
    void failToWrite();
    void fail(const QString& why, const char* remedy);

    QNetworkAccessManager m_network;
    QPointer<QNetworkReply> m_reply;
    std::unique_ptr<QSaveFile> m_file;
    QTimer m_pause;
    QString m_url;
    QString m_path;
    int m_part = 0;  // of several files, from 1 on; 0: it is one
    int m_parts = 0;
    QByteArray m_etag;    // of what m_file has
    qint64 m_offset = 0;  // at which the newest answer begins
    int m_tries = 0;      // that got nothing, in a row
};

}  // namespace headgate
