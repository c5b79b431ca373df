#include "ui/models/download.h"

#include <QNetworkRequest>

#include <utility>

namespace headgate {

namespace {

constexpr int silenceMs = 30'000;
constexpr qint64 mostBuffered = 4 << 20;

}  // namespace

Download::~Download()
{
    cancel();
}

void Download::start(const QString& url, const QString& path)
{
    cancel();
    m_path = path;
    m_file = std::make_unique<QSaveFile>(path);
    if (!m_file->open(QIODevice::WriteOnly))
        return fail(tr("%1 cannot be written: %2.").arg(path, m_file->errorString()), "Choose another place.");
    QNetworkRequest request{QUrl(url)};
    request.setTransferTimeout(silenceMs);
    m_reply = m_network.get(request);
    // A disk that is slower than the network holds it back.
    m_reply->setReadBufferSize(mostBuffered);
    connect(m_reply, &QNetworkReply::readyRead, this, &Download::write);
    connect(m_reply, &QNetworkReply::downloadProgress, this, &Download::progressed);
    connect(m_reply, &QNetworkReply::finished, this, &Download::finish);
}

void Download::cancel()
{
    if (QNetworkReply* reply = std::exchange(m_reply, nullptr)) {
        reply->disconnect(this);
        reply->abort();
        reply->deleteLater();
    }
    m_file.reset();
}

void Download::write()
{
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const QByteArray bytes = m_reply->readAll();
    if (status == 200 && m_file->write(bytes) != bytes.size())
        fail(tr("%1 cannot be written: %2.").arg(m_path, m_file->errorString()),
             "Make room on the disk, then try again.");
}

void Download::finish()
{
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (m_reply->error() != QNetworkReply::NoError || status != 200) {
        const QString why = status == 404                    ? tr("the recording is not there any more")
                            : status == 403 || status == 401 ? tr("the node does not let this console in")
                                                             : m_reply->errorString();
        return fail(tr("The download broke off: %1.").arg(why), "Try it again.");
    }
    write();
    if (!m_file)
        return;
    if (!m_file->commit())
        return fail(tr("%1 cannot be written: %2.").arg(m_path, m_file->errorString()),
                    "Make room on the disk, then try again.");
    cancel();
    Q_EMIT saved();
}

void Download::fail(const QString& why, const char* remedy)
{
    cancel();
    Q_EMIT failed({ErrorCode::Unavailable, why.toStdString(), remedy, {}});
}

}  // namespace headgate
