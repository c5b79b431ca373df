#include "core/media/thumbnail/thumbnail_maker.h"
#include "core/media/thumbnail/thumbnail_painter.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_wait.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <csignal>

using namespace headgate;
using namespace headgate::tests;

namespace {

// One key frame of a plain colour, as ffmpeg encodes it into FLV: the configuration and the frame.
struct Recording
{
    SharedFrame header;
    SharedFrame keyFrame;
};

Recording record(const QString& colour, const QString& size, const QString& program = "ffmpeg",
                 const QStringList& encoder = {"-c:v", "libx264"})
{
    QProcess ffmpeg;
    ffmpeg.start(program, QStringList{"-v", "error", "-f", "lavfi", "-i",
                                      "color=" + colour + ":size=" + size + ":rate=25", "-frames:v", "3"} +
                              encoder + QStringList{"-pix_fmt", "yuv420p", "-f", "flv", "-"});
    ffmpeg.waitForFinished();
    const QByteArray bytes = ffmpeg.readAllStandardOutput();
    FlvReader reader;
    if (!reader.append(viewOf(bytes.toStdString())))
        return {};
    Recording recording;
    while (auto tag = reader.next()) {
        if (tag->type != TagType::Video)
            continue;
        const SharedFrame frame = makeFrame(FrameKind::Video, tag->timestampMs, std::move(tag->body));
        if (frame->isSequenceHeader())
            recording.header = frame;
        else if (frame->isKeyFrame())
            recording.keyFrame = frame;
    }
    return recording;
}

QString program()
{
    return qEnvironmentVariable("HEADGATE_BIN_DIR") + "/headgate-thumbnail";
}

class Fixture
{
public:
    explicit Fixture(const QString& path = program()) : maker(loop, log, path.toStdString()) {}

    Stream& stream(const std::string& name, const Recording& recording)
    {
        streams.push_back(
            std::make_unique<Stream>(StreamKey{"live", name}, StreamSource{true, "", "rtmp", 7}, loop.now()));
        for (const SharedFrame& frame : {recording.header, recording.keyFrame}) {
            if (frame)
                streams.back()->push(frame, loop.now());
        }
        return *streams.back();
    }

    Result<Thumbnail> make(const Stream& of, int width)
    {
        std::optional<Result<Thumbnail>> made;
        maker.ask(of, width, [&](Result<Thumbnail> picture) { made = std::move(picture); });
        waitFor(loop, [&] { return made.has_value(); });
        return made.value_or(fail(ErrorCode::Internal, "no answer"));
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    std::vector<std::unique_ptr<Stream>> streams;
    ThumbnailMaker maker;
};

// "width height red green blue", the colours the mean of the picture.
QByteArray looks(const Thumbnail& picture)
{
    QProcess ffmpeg;
    ffmpeg.start("ffmpeg", {"-v", "error", "-f", "mjpeg", "-i", "-", "-vf", "scale=1:1:flags=area", "-f", "rawvideo",
                            "-pix_fmt", "rgb24", "-"});
    ffmpeg.write(picture.jpeg.data(), static_cast<qint64>(picture.jpeg.size()));
    ffmpeg.closeWriteChannel();
    ffmpeg.waitForFinished();
    return ffmpeg.readAllStandardOutput();
}

QByteArray sizeOf(const Thumbnail& picture)
{
    QProcess ffprobe;
    ffprobe.start("ffprobe",
                  {"-v", "error", "-f", "mjpeg", "-show_entries", "stream=width,height", "-of", "csv=p=0", "-i", "-"});
    ffprobe.write(picture.jpeg.data(), static_cast<qint64>(picture.jpeg.size()));
    ffprobe.closeWriteChannel();
    ffprobe.waitForFinished();
    return ffprobe.readAllStandardOutput().trimmed();
}

int channel(const QByteArray& rgb, int index)
{
    return rgb.size() == 3 ? static_cast<unsigned char>(rgb[index]) : -1000;
}

}  // namespace

class ThumbnailTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void thePictureIsThatOfTheStream()
    {
        Fixture fixture;
        const auto picture = fixture.make(fixture.stream("red", record("red", "640x360")), 320);
        QVERIFY2(picture.has_value(), picture ? "" : picture.error().message.c_str());
        QCOMPARE(sizeOf(*picture), QByteArray("320,180"));
        const QByteArray red = looks(*picture);
        QVERIFY(channel(red, 0) > 235 && channel(red, 1) < 20 && channel(red, 2) < 20);
        const auto other = fixture.make(fixture.stream("green", record("lime", "360x640")), 90);
        QVERIFY(other.has_value());
        QCOMPARE(sizeOf(*other), QByteArray("90,160"));
        QVERIFY(channel(looks(*other), 1) > 235);
    }

    void codecsOfEnhancedRtmpHavePictures_data()
    {
        QTest::addColumn<QString>("codec");
        QTest::addColumn<QStringList>("encoder");
        QTest::newRow("hevc") << "HEVC" << QStringList{"-c:v", "libx265", "-x265-params", "log-level=none"};
        QTest::newRow("av1") << "AV1" << QStringList{"-c:v", "libsvtav1", "-preset", "12"};
        QTest::newRow("av1 of several tiles")
            << "AV1"
            << QStringList{"-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "tile-columns=1:tile-rows=1"};
        QTest::newRow("vp9") << "VP9" << QStringList{"-c:v", "libvpx-vp9", "-deadline", "realtime"};
        // The first picture is one that is not shown.
        QTest::newRow("vp9 with alternate references")
            << "VP9" << QStringList{"-c:v", "libvpx-vp9", "-auto-alt-ref", "1", "-lag-in-frames", "25"};
    }

    void codecsOfEnhancedRtmpHavePictures()
    {
        QFETCH(const QString, codec);
        QFETCH(const QStringList, encoder);
        const QString newer = qEnvironmentVariable("HEADGATE_NEWER_FFMPEG");
        QVERIFY2(QFile::exists(newer), qPrintable("There is no FFmpeg at " + newer + "; ./test.sh installs it."));
        const Recording recording = record("red", "640x360", newer, encoder);
        QVERIFY(recording.keyFrame != nullptr);
        QCOMPARE(describeVideoBody(recording.keyFrame->body()).codec, std::string_view(codec.toStdString()));
        Fixture fixture;
        const auto picture = fixture.make(fixture.stream("show", recording), 320);
        QVERIFY2(picture.has_value(), picture ? "" : picture.error().message.c_str());
        QCOMPARE(sizeOf(*picture), QByteArray("320,180"));
        const QByteArray red = looks(*picture);
        QVERIFY(channel(red, 0) > 225 && channel(red, 1) < 30 && channel(red, 2) < 30);
    }

    void theSamePictureIsMadeOnce()
    {
        Fixture fixture;
        Stream& stream = fixture.stream("one", record("blue", "320x180"));
        std::vector<Thumbnail> pictures;
        for (int i = 0; i < 100; ++i)
            fixture.maker.ask(stream, 160,
                              [&](Result<Thumbnail> picture) { pictures.push_back(picture.value_or(Thumbnail())); });
        QVERIFY(waitFor(fixture.loop, [&] { return pictures.size() == 100; }));
        QVERIFY(!pictures.front().jpeg.empty());
        QVERIFY(std::ranges::count(pictures, pictures.front()) == 100);
        QVERIFY(fixture.make(stream, 160) == pictures.front());
        QVERIFY(fixture.make(stream, 80)->tag != pictures.front().tag);
    }

    void whatCannotBeDecodedIsSaid()
    {
        Fixture fixture;
        Recording broken = record("red", "320x180");
        Bytes body = broken.keyFrame->body();
        std::fill(body.begin() + 5, body.end(), std::uint8_t{0});
        broken.keyFrame = makeFrame(FrameKind::Video, 0, std::move(body));
        const auto picture = fixture.make(fixture.stream("broken", broken), 320);
        QVERIFY(!picture && picture.error().code == ErrorCode::Unsupported);
        QVERIFY(fixture.make(fixture.stream("headless", {nullptr, nullptr}), 320).error().code ==
                ErrorCode::Unsupported);
        const Recording huge{nullptr, keyFrame(0, ThumbnailTask::mostBytes + 1)};
        QVERIFY(fixture.make(fixture.stream("huge", huge), 320).error().code == ErrorCode::Unsupported);
        const Recording waiting{record("red", "320x180").header, nullptr};
        QVERIFY(fixture.make(fixture.stream("waiting", waiting), 320).error().code == ErrorCode::Unavailable);
    }

    void aDecoderThatHangsDoesNotHoldTheOthers()
    {
        QTemporaryDir folder;
        const QString script = folder.filePath("program");
        const QString flag = folder.filePath("hang");
        QFile file(script);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QStringLiteral("#!/bin/sh\nif [ -e %1 ]; then echo $$ >%1.pid; rm %1; exec sleep 60; fi\nexec %2\n")
                       .arg(flag, program())
                       .toUtf8());
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        file.close();
        QVERIFY(QFile(flag).open(QIODevice::WriteOnly));
        Fixture fixture(script);
        const Recording recording = record("red", "320x180");
        Stream& stuck = fixture.stream("stuck", recording);
        Stream& good = fixture.stream("good", recording);
        std::optional<Result<Thumbnail>> first;
        fixture.maker.ask(stuck, 160, [&](Result<Thumbnail> picture) { first = std::move(picture); });
        QVERIFY(fixture.make(good, 160).has_value());
        QVERIFY(first.has_value() && !*first);
        QCOMPARE(first->error().code, ErrorCode::Unavailable);
        // It is not tried again at once, so that it does not take the time of the others.
        QVERIFY(!fixture.make(stuck, 80));
        QFile pid(flag + ".pid");
        QVERIFY(pid.open(QIODevice::ReadOnly));
        const int stuckProcess = pid.readAll().trimmed().toInt();
        QVERIFY(stuckProcess > 0);
        QVERIFY(waitFor(fixture.loop, [&] { return ::kill(stuckProcess, 0) != 0 && errno == ESRCH; }));
    }

    void aProgramThatEndsOrIsNotThereIsSaid()
    {
        for (const char* path : {"/bin/true", "/nonexistent/program"}) {
            Fixture fixture{QString(path)};
            const auto picture = fixture.make(fixture.stream("one", record("red", "320x180")), 160);
            QVERIFY(!picture);
            QCOMPARE(picture.error().code, ErrorCode::Unavailable);
        }
        Fixture none{QString()};
        QCOMPARE(none.make(none.stream("one", {}), 160).error().code, ErrorCode::Unsupported);
    }

    void onlySoManyWait()
    {
        Fixture fixture;
        const Recording recording = record("red", "64x64");
        std::size_t refused = 0;
        std::size_t answered = 0;
        for (std::size_t i = 0; i < 2 * ThumbnailMaker::mostWaiting; ++i) {
            Stream& stream = fixture.stream("s" + std::to_string(i), recording);
            fixture.maker.ask(stream, 64, [&](const Result<Thumbnail>& picture) {
                ++answered;
                refused += !picture && picture.error().code == ErrorCode::ResourceExhausted ? 1 : 0;
            });
        }
        QVERIFY(waitFor(fixture.loop, [&] { return answered == 2 * ThumbnailMaker::mostWaiting; }));
        QCOMPARE(refused, ThumbnailMaker::mostWaiting - 1);
    }

    void tasksAndOutcomesComeBackAsTheyWere()
    {
        const ThumbnailTask task{"H.264", {1, 2, 3}, {4, 5}, 320};
        QVERIFY(decodeTask(encodeTask(task)) == task);
        const Bytes whole = encodeTask(task);
        for (std::size_t size = 0; size < whole.size(); ++size)
            QVERIFY(!decodeTask(ByteView(whole).first(size)));
        QVERIFY(decodeOutcome(encodeOutcome(Bytes{1, 2})) == Bytes({1, 2}));
        QCOMPARE(decodeOutcome(encodeOutcome(fail(ErrorCode::Unsupported, "why"))).error().message, std::string("why"));
        QVERIFY(!decodeOutcome({}));
    }
};

QTEST_GUILESS_MAIN(ThumbnailTest)
#include "thumbnail_test.moc"
