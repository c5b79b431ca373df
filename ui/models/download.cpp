#include "ui/models/download.h"

#include <QFileInfo>
#include <QNetworkRequest>
#include <QUrlQuery>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr int silenceMs = 30'000;
constexpr qint64 mostBuffered = 4 << 20;
constexpr int mostTries = 6;
constexpr int firstPauseMs = 500;

int statusOf(const QNetworkReply& reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

}  // namespace

Download::Download(QObject* parent) : QObject(parent)
{
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &Download::ask);
}

Download::~Download()
{
    cancel();
}

QString Download::path() const
{
    if (m_part == 0)
        return m_path;
    const QString suffix = QFileInfo(m_path).suffix();
    const QString end = suffix.isEmpty() ? QString() : QLatin1Char('.') + suffix;
    return m_path.chopped(end.size()) + QStringLiteral("-part%1").arg(m_part) + end;
}

void Download::start(const QString& url, const QString& path)
{
    cancel();
    m_url = url;
    m_path = path;
    m_part = m_parts = 0;
    begin();
}

void Download::begin()
{
    m_etag.clear();
    m_tries = 0;
    m_file = std::make_unique<QSaveFile>(path());
    if (!m_file->open(QIODevice::WriteOnly))
        return fail(tr("%1 cannot be written: %2.").arg(path(), m_file->errorString()), "Choose another place.");
    ask();
}

void Download::ask()
{
    QUrl url(m_url);
    if (m_part > 0) {
        QUrlQuery query(url);
        query.addQueryItem(QStringLiteral("part"), QString::number(m_part));
        url.setQuery(query);
    }
    QNetworkRequest request(url);
    request.setTransferTimeout(silenceMs);
    if (m_file->pos() > 0) {
        request.setRawHeader("Range", "bytes=" + QByteArray::number(m_file->pos()) + "-");
        request.setRawHeader("If-Range", m_etag);
    }
    m_offset = -1;
    m_reply = m_network.get(request);
    // A disk that is slower than the network holds it back.
    m_reply->setReadBufferSize(mostBuffered);
    connect(m_reply, &QNetworkReply::readyRead, this, &Download::write);
    connect(m_reply, &QNetworkReply::downloadProgress, this, [this](qint64 received, qint64 total) {
        const qint64 before = std::max<qint64>(m_offset, 0);
        Q_EMIT progressed(before + received, total < 0 ? total : before + total);
    });
    connect(m_reply, &QNetworkReply::finished, this, &Download::finish);
}

void Download::cancel()
{
    letGo();
    m_pause.stop();
    m_file.reset();
}

void Download::letGo()
{
    if (QNetworkReply* reply = std::exchange(m_reply, nullptr)) {
        reply->disconnect(this);
        reply->abort();
        reply->deleteLater();
    }
}

void Download::write()
{
    const int status = statusOf(*m_reply);
    const QByteArray bytes = m_reply->readAll();
    if (status != 200 && status != 206)
        return;
    if (m_offset < 0) {
        // What comes whole begins anew.
        m_offset = status == 206 ? m_file->pos() : 0;
        m_etag = m_reply->rawHeader("ETag");
        if (m_offset < m_file->pos() && (!m_file->seek(0) || !m_file->resize(0)))
            return failToWrite();
    }
    if (!bytes.isEmpty())
        m_tries = 0;
    if (m_file->write(bytes) != bytes.size())
        failToWrite();
}

void Download::finish()
{
    const int status = statusOf(*m_reply);
    const int parts = m_reply->rawHeader("Headgate-Parts").toInt();
    const QString why = status == 404                    ? tr("the recording is not there any more")
                        : status == 403 || status == 401 ? tr("the node does not let this console in")
                                                         : m_reply->errorString();
    const bool isWhole = m_reply->error() == QNetworkReply::NoError && (status == 200 || status == 206);
    write();
    if (!m_file)
        return;
    letGo();
    if (isWhole)
        return keep();
    if (parts > 1 && m_part == 0) {
        m_parts = parts;
        m_part = 1;
        return begin();
    }
    const bool isCutOff = status == 0 || status == 200 || status == 206 || status == 503;
    if (!isCutOff || !goOnLater())
        fail(tr("The download broke off: %1.").arg(why), "Try it again.");
}

// Only where more of the same can be told from something else.
bool Download::goOnLater()
{
    if (m_etag.isEmpty() || ++m_tries > mostTries)
        return false;
    m_pause.start(firstPauseMs << (m_tries - 1));
    return true;
}

void Download::keep()
{
    if (!m_file->commit())
        return failToWrite();
    cancel();
    if (m_part < m_parts) {
        ++m_part;
        return begin();
    }
    Q_EMIT saved();
}

void Download::failToWrite()
{
    fail(tr("%1 cannot be written: %2.").arg(path(), m_file->errorString()), "Make room on the disk, then try again.");
}

void Download::fail(const QString& why, const char* remedy)
{
    cancel();
    Q_EMIT failed({ErrorCode::Unavailable, why.toStdString(), remedy, {}});
}

}  // namespace headgate
