#include "core/plane/ctl/file_download.h"

#include "core/base/digest.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>

#include <algorithm>
#include <memory>
#include <ostream>
#include <thread>
#include <utility>

namespace headgate::ctl {
namespace {

constexpr int silenceMs = 30'000;
constexpr int mostTriesInVain = 6;
constexpr qint64 mostBuffered = 4 << 20;
constexpr qint64 noteEveryMs = 5000;

tl::unexpected<Failure> failed(ErrorCode code, std::string message, std::string remedy)
{
    const bool isAway = code == ErrorCode::Unavailable;
    return tl::unexpected(Failure{isAway ? ExitStatus::NotReachable : ExitStatus::Refused,
                                  {code, std::move(message), std::move(remedy), {}}});
}

int statusOf(const QNetworkReply& reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

QNetworkRequest requestTo(const std::string& url)
{
    QNetworkRequest request(QUrl(QString::fromStdString(url)));
    request.setTransferTimeout(silenceMs);
    // What is a part of the bytes only if they come as they are.
    request.setRawHeader("Accept-Encoding", "identity");
    return request;
}

void waitFor(QNetworkReply& reply)
{
    QEventLoop loop;
    QObject::connect(&reply, &QNetworkReply::finished, &loop, &QEventLoop::quit);
    if (!reply.isFinished())
        loop.exec();
}

// "show.mp4" -> "show-part2.mp4"
QString pathOfPart(const QString& path, int part)
{
    const QString suffix = QFileInfo(path).suffix();
    const QString end = suffix.isEmpty() ? QString() : QLatin1Char('.') + suffix;
    return path.chopped(end.size()) + QStringLiteral("-part%1").arg(part) + end;
}

// What there is to fetch, as HEAD tells.
struct Offer
{
    int status = 0;
    int parts = 0;  // it is to be fetched as so many files
    qint64 size = -1;
    QByteArray etag;
    std::string why;  // it cannot be told
};

class Fetcher
{
public:
    Fetcher(const FileDownload& download, std::ostream& out, std::ostream& notes)
        : m_download(download), m_out(out), m_notes(notes)
    {}

    // How many files it is, if it is not one.
    Outcome<int> fetchPart(int part, const QString& path)
    {
        int inVain = 0;
        for (;;) {
            const auto url = m_download.url(part);
            if (!url)
                return tl::unexpected(url.error());
            const Offer offer = ask(*url);
            if (offer.parts > 0 && part == 0)
                return offer.parts;
            std::string why = offer.why;
            if (offer.status == 200) {
                const Outcome<qint64> got = get(*url, offer, path);
                if (!got)
                    return tl::unexpected(got.error());
                if (QFileInfo(partialPath(path, offer)).size() == offer.size)
                    return keep(path, offer);
                why = m_why;
                inVain = *got > 0 ? 0 : inVain;
            } else if (offer.status != 0 && offer.status != 503) {
                return refused(offer.status);
            }
            if (++inVain > mostTriesInVain)
                return failed(ErrorCode::Unavailable, "The download broke off: " + why + ".",
                              "Run the same again: it goes on where it was.");
            const auto pause = m_download.pause * (1 << std::min(inVain - 1, 4));
            m_notes << "It broke off: " << why << ". Trying again.\n" << std::flush;
            std::this_thread::sleep_for(pause);
        }
    }

private:
    Offer ask(const std::string& url)
    {
        const std::unique_ptr<QNetworkReply> reply(m_network.head(requestTo(url)));
        waitFor(*reply);
        Offer offer;
        offer.status = statusOf(*reply);
        offer.parts = reply->rawHeader("Headgate-Parts").toInt();
        offer.size = reply->header(QNetworkRequest::ContentLengthHeader).toLongLong();
        offer.etag = reply->rawHeader("ETag");
        offer.why = reply->errorString().toStdString();
        return offer;
    }

    static tl::unexpected<Failure> refused(int status)
    {
        if (status == 404)
            return failed(ErrorCode::NotFound, "The node has no such recording or part of it.",
                          "headgatectl get recordings shows what there is.");
        if (status == 401 || status == 403)
            return failed(ErrorCode::PermissionDenied, "The node does not let this viewer in.",
                          "Look at who may watch the streams of the node group.");
        return failed(ErrorCode::Unavailable, "The node answered " + std::to_string(status) + ".", "Try again later.");
    }

    // What was fetched of something else, or of less of the same, stays apart.
    static QString partialPath(const QString& path, const Offer& offer)
    {
        const std::string tag = toHex(sha256(offer.etag.toStdString())).substr(0, 8);
        return path + QLatin1Char('.') + QString::fromStdString(tag) + QStringLiteral(".part");
    }

    // How many bytes came.
    Outcome<qint64> get(const std::string& url, const Offer& offer, const QString& path)
    {
        QFile file(partialPath(path, offer));
        if (!file.open(QIODevice::ReadWrite) || (file.size() > offer.size && !file.resize(0)))
            return cannotWrite(file);
        const qint64 before = file.size();
        if (before == offer.size)
            return 0;
        QNetworkRequest request = requestTo(url);
        if (before > 0 && !offer.etag.isEmpty()) {
            request.setRawHeader("Range", "bytes=" + QByteArray::number(before) + "-");
            request.setRawHeader("If-Range", offer.etag);
            m_notes << "Going on at " << before << " of " << offer.size << " bytes.\n" << std::flush;
        }
        const std::unique_ptr<QNetworkReply> reply(m_network.get(request));
        reply->setReadBufferSize(mostBuffered);
        bool isFirst = true;
        QElapsedTimer sinceNote;
        sinceNote.start();
        const auto write = [&] {
            const int status = statusOf(*reply);
            if (status != 200 && status != 206)
                return;
            // All of it comes where it was not gone on with.
            const qint64 from = status == 206 ? before : 0;
            if (std::exchange(isFirst, false) && (!file.resize(from) || !file.seek(from)))
                return reply->abort();
            const QByteArray bytes = reply->readAll();
            if (file.write(bytes) != bytes.size())
                return reply->abort();
            if (sinceNote.elapsed() > noteEveryMs) {
                sinceNote.restart();
                m_notes << file.pos() << " of " << offer.size << " bytes\n" << std::flush;
            }
        };
        QObject::connect(reply.get(), &QNetworkReply::readyRead, reply.get(), write);
        waitFor(*reply);
        write();
        m_why = reply->errorString().toStdString();
        if (file.error() != QFileDevice::NoError || !file.flush())
            return cannotWrite(file);
        return isFirst ? 0 : file.pos() - (statusOf(*reply) == 206 ? before : 0);
    }

    static tl::unexpected<Failure> cannotWrite(const QFile& file)
    {
        return failed(ErrorCode::ResourceExhausted,
                      file.fileName().toStdString() + " cannot be written: " + file.errorString().toStdString() + ".",
                      "Make room on the disk, or choose another place with --output-file.");
    }

    Outcome<int> keep(const QString& path, const Offer& offer)
    {
        QFile file(partialPath(path, offer));
        QFile::remove(path);
        if (!file.rename(path))
            return cannotWrite(file);
        m_out << path.toStdString() << "\n";
        return 1;
    }

    const FileDownload& m_download;
    std::ostream& m_out;
    std::ostream& m_notes;
    QNetworkAccessManager m_network;
    std::string m_why;
};

}  // namespace

Outcome<void> fetch(const FileDownload& download, std::ostream& out, std::ostream& notes)
{
    Fetcher fetcher(download, out, notes);
    const QString path = QString::fromStdString(download.path);
    const Outcome<int> files = fetcher.fetchPart(download.part, path);
    if (!files)
        return tl::unexpected(files.error());
    if (*files > 1)
        notes << "The format changes within the recording: it is " << *files << " files.\n" << std::flush;
    for (int part = 1; *files > 1 && part <= *files; ++part) {
        if (const auto fetched = fetcher.fetchPart(part, pathOfPart(path, part)); !fetched)
            return tl::unexpected(fetched.error());
    }
    return {};
}

}  // namespace headgate::ctl
