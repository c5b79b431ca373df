#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"

#include <QDir>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>

using namespace headgate::test;

namespace {

// A profile that streams to a server of one's own, and a scene filled with one colour: 0xAABBGGRR.
const QList<QPair<QString, QByteArray>>& settings()
{
    static const QList<QPair<QString, QByteArray>> files{
        {"global.ini", "[General]\nFirstRun=true\nPre19Defaults=false\nPre21Defaults=false\nPre23Defaults=false\n"
                       "Pre24.1Defaults=false\nLastVersion=486539266\nEnableAutoUpdates=false\n"
                       "[Basic]\nProfile=Test\nProfileDir=Test\nSceneCollection=Test\nSceneCollectionFile=Test\n"},
        {"basic/profiles/Test/basic.ini",
         "[General]\nName=Test\n[Output]\nMode=Simple\nReconnect=false\n"
         "[SimpleOutput]\nVBitrate=500\nABitrate=64\nUseAdvanced=true\nPreset=ultrafast\nStreamEncoder=x264\n"
         "[Video]\nBaseCX=320\nBaseCY=180\nOutputCX=320\nOutputCY=180\nFPSType=0\nFPSCommon=30\n"
         "[Audio]\nSampleRate=44100\nChannelSetup=Stereo\n"},
        {"basic/profiles/Test/service.json",
         R"({"type":"rtmp_custom","settings":{"server":"%SERVER%","key":"obs","use_auth":false}})"},
        {"basic/scenes/Test.json",
         R"({"name":"Test","current_scene":"Scene","current_program_scene":"Scene","scene_order":[{"name":"Scene"}],
             "sources":[{"id":"color_source_v3","versioned_id":"color_source_v3","name":"Colour","enabled":true,
                         "settings":{"color":4278255360,"width":320,"height":180}},
                        {"id":"scene","versioned_id":"scene","name":"Scene","enabled":true,
                         "settings":{"id_counter":1,"items":[{"name":"Colour","id":1,"visible":true,"align":5,
                                     "pos":{"x":0.0,"y":0.0},"scale":{"x":1.0,"y":1.0}}]}}]})"}};
    return files;
}

bool writeSettings(const QString& folder, const QByteArray& server)
{
    return std::ranges::all_of(settings(), [&](const auto& setting) {
        const QString name = folder + "/obs-studio/" + setting.first;
        QDir().mkpath(QFileInfo(name).path());
        QFile file(name);
        return file.open(QIODevice::WriteOnly) &&
               file.write(QByteArray(setting.second).replace("%SERVER%", server)) > 0;
    });
}

}  // namespace

// OBS Studio itself on a screen in memory, as its user starts it: what it streams is what its scene shows.
class ObsStudioTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itsSceneIsSeen();
};

void ObsStudioTest::itsSceneIsSeen()
{
    LoneNode node;
    QVERIFY2(node.start(), qPrintable(node.log()));
    QVERIFY(writeSettings(node.path("config"), "rtmp://" + node.address().toUtf8() + "/live"));
    Child screen;
    screen.start("Xvfb", {"-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1024x768x24"},
                 node.path("screen.log"));
    static const QRegularExpression numberLine("^(\\d+)$", QRegularExpression::MultilineOption);
    QString number;
    QVERIFY2(waitUntil([&] { return !(number = numberLine.match(screen.log()).captured(1)).isEmpty(); }, 20'000),
             qPrintable(screen.log()));
    Child studio;
    studio.start("env",
                 {"HOME=" + node.path("config"), "XDG_CONFIG_HOME=" + node.path("config"),
                  "XDG_RUNTIME_DIR=" + node.path("config"), "LIBGL_ALWAYS_SOFTWARE=1", "DISPLAY=:" + number, "obs",
                  "--multi", "--profile", "Test", "--collection", "Test", "--startstreaming", "--minimize-to-tray"},
                 node.path("obs.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/obs"); }, 60'000),
             qPrintable(studio.log().right(5000)));

    Child viewer;
    viewer.start("ffprobe", recordArguments(node.rtmp("live/obs")), node.path("viewer.txt"));
    QVERIFY(waitUntil([&] { return viewer.log().count("packet|video") > 60; }, 30'000));
    viewer.kill();
    const StreamRecord seen = parseRecord(viewer.log().toUtf8());
    QVERIFY(seen.audio.size() > 30);
    QVERIFY(std::ranges::is_sorted(seen.video, {}, &FrameMark::time));
    QVERIFY(std::ranges::is_sorted(seen.audio, {}, &FrameMark::time));

    const ToolOutput pixel = runTool("ffmpeg", {"-v", "error", "-i", node.http("live/obs"), "-frames:v", "1", "-vf",
                                                "scale=1:1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"});
    QVERIFY2(pixel.standardOutput.size() == 3, pixel.standardError);
    const auto colour = [&](int i) { return static_cast<int>(static_cast<uchar>(pixel.standardOutput[i])); };
    QVERIFY2(colour(0) < 40 && colour(1) > 215 && colour(2) < 40, pixel.standardOutput.toHex());
}

QTEST_GUILESS_MAIN(ObsStudioTest)
#include "obs_studio_test.moc"
