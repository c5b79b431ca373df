#include "tests/support/console_app.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/preview_picture.h"
#include "ui/widgets/preview_player.h"
#include "ui/widgets/preview_statistics_panel.h"

#include <QAccessible>
#include <QClipboard>
#include <QPushButton>
#include <QTest>
#include <QVBoxLayout>

#include <cmath>

using namespace headgate;

namespace {

TimePoint wallTime()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

PreviewStatistics statisticsOfTest()
{
    PreviewStatistics statistics;
    statistics.videoFormat = "1280x720 H.264";
    statistics.audioFormat = "AAC 48 kHz stereo";
    statistics.framesPerSecond = 29.97;
    statistics.bitsPerSecond = 2'500'000;
    statistics.delayBehindLiveMs = 180;
    statistics.bufferedMs = 133;
    statistics.droppedFrames = 2;
    return statistics;
}

// A feed that says what the test tells it to.
class ScriptedFeed : public PreviewFeed
{
public:
    void start(const QString&) override {}
    void stop() override {}
    void setMuted(bool muted) override { isMuted = muted; }
    void setVolume(double) override {}

    void play(const PictureStamps& stamps)
    {
        QImage picture(320, 180, QImage::Format_RGB32);
        picture.fill(Qt::darkBlue);
        Q_EMIT frameReady(picture, stamps);
    }
    void tell() { Q_EMIT statisticsChanged(statisticsOfTest()); }

    bool isMuted = false;
};

PictureStamps drawnBefore(Duration age)
{
    return {true, wallTime() - age, age / 10};
}

}  // namespace

class PreviewPlayerTest : public QObject
{
    Q_OBJECT

private:
    // A visible player that plays what m_feed says.
    void open()
    {
        m_window = std::make_unique<QWidget>();
        m_window->setObjectName("window");
        m_window->setAttribute(Qt::WA_StyledBackground);
        auto* column = new QVBoxLayout(m_window.get());
        m_player = new PreviewPlayer(m_media);
        column->addWidget(m_player);
        column->addStretch(1);
        m_window->resize(392, 560);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_player->setUrl("http://127.77.0.2:5080/live/show1.flv");
        QVERIFY(m_feed != nullptr);
    }

    // One picture, painted.
    void show(const PictureStamps& stamps)
    {
        m_feed->play(stamps);
        m_player->findChild<PreviewPicture*>()->repaint();
    }

    PreviewStatisticsPanel& panel() const { return *m_player->findChild<PreviewStatisticsPanel*>(); }
    QString noLatency() const
    {
        auto* label = panel().findChild<TextLabel*>("noLatency");
        return label->isVisible() ? label->text() : QString();
    }

    std::unique_ptr<test::ConsoleApp> m_app;
    MediaServices m_media;
    ScriptedFeed* m_feed = nullptr;
    std::unique_ptr<QWidget> m_window;
    PreviewPlayer* m_player = nullptr;

private Q_SLOTS:
    void initTestCase() { m_app = std::make_unique<test::ConsoleApp>(); }
    void init()
    {
        m_app->theme.setChoice(ThemeChoice::Light);
        m_media.makePreview = [this] {
            auto feed = std::make_unique<ScriptedFeed>();
            m_feed = feed.get();
            return feed;
        };
        open();
    }
    void cleanup() { m_window.reset(); }
    void cleanupTestCase() { m_app.reset(); }

    void soundIsMutedAtFirst()
    {
        QVERIFY(m_feed->isMuted);
        QTest::keyClick(m_player->focusProxy(), Qt::Key_M);
        QVERIFY(!m_feed->isMuted);
    }

    void latencyIsTakenFromPaintedLivePictures()
    {
        show({});  // cached: it is old on purpose
        QCOMPARE(m_player->glassToGlass().state(), LatencyState::Unknown);
        m_feed->play(drawnBefore(Duration(180)));
        QCOMPARE(m_player->glassToGlass().state(), LatencyState::Unknown);  // nobody saw it yet
        m_player->findChild<PreviewPicture*>()->repaint();
        QCOMPARE(m_player->glassToGlass().state(), LatencyState::Measured);
        QVERIFY(m_player->glassToGlass().figures().now >= Duration(180));
        m_player->findChild<PreviewPicture*>()->repaint();  // the same picture again
        QCOMPARE(m_player->glassToGlass().figures().pictures, std::size_t{1});
        m_player->setUrl("http://127.77.0.2:5080/live/show2.flv");
        QCOMPARE(m_player->glassToGlass().state(), LatencyState::Unknown);
    }

    void ordinaryStreamsHaveNoFigures()
    {
        m_player->setStatisticsShown(true);
        show({.isLive = true, .drawnAt = {}, .transport = {}});
        m_feed->tell();
        QVERIFY2(noLatency().startsWith("No stamp in this stream"), qPrintable(noLatency()));
        QVERIFY(panel().text().contains("Behind live: 180 ms"));
        QVERIFY(!panel().text().contains("median"));
    }

    void clocksThatDifferAreTold()
    {
        m_player->setStatisticsShown(true);
        show(drawnBefore(Duration(-5000)));
        m_feed->tell();
        QVERIFY2(noLatency().startsWith("Clocks differ"), qPrintable(noLatency()));
        QVERIFY(!panel().text().contains("median"));
    }

    void statisticsAreCopiedByKey()
    {
        for (int i = 0; i < 20; ++i)
            show(drawnBefore(Duration(150 + i)));
        m_feed->tell();
        QTest::keyClick(m_player->focusProxy(), Qt::Key_C, Qt::ControlModifier);
        const QString text = QGuiApplication::clipboard()->text();
        for (const char* part : {"Picture: 1280x720 H.264", "Sound: AAC 48 kHz stereo",
                                 "Rate: 2.5 Mbit/s, 29.97 pictures/s", "Buffer: 133 ms", "Dropped: 2 of 22",
                                 "Glass to glass: now ", "of 20 pictures in 5 min", "To the decoder: now 16 ms"})
            QVERIFY2(text.contains(part), qPrintable(text));
    }

    void statisticsOpenByKey()
    {
        QVERIFY(!panel().isVisible());
        QTest::keyClick(m_player->focusProxy(), Qt::Key_I);
        QVERIFY(panel().isVisible());
        QTest::keyClick(m_player->focusProxy(), Qt::Key_I);
        QVERIFY(!panel().isVisible());
    }

    void fiveMinutesAreDrawnInBothThemes()
    {
        LatencyHistory glassToGlass;
        LatencyHistory toDecoder;
        for (int i = 0; i < 9000; ++i) {
            const TimePoint at = wallTime() + std::chrono::milliseconds(33 * i);
            const int swing = static_cast<int>(15 * std::sin(i / 300.0) + 8 * std::sin(i * 1.7));
            const bool isGap = i > 3000 && i < 3300;
            glassToGlass.add(at, isGap ? std::nullopt : std::optional(Duration(i % 2500 == 0 ? 420 : 182 + swing)));
            toDecoder.add(at, Duration(11 + swing / 3));
        }
        m_player->setStatisticsShown(true);
        show(drawnBefore(Duration(180)));
        m_feed->tell();
        panel().setReport({statisticsOfTest(), 8'991, glassToGlass, toDecoder});
        for (const ThemeChoice choice : {ThemeChoice::Light, ThemeChoice::Dark}) {
            m_app->theme.setChoice(choice);
            QCoreApplication::processEvents();
            const QString theme = choice == ThemeChoice::Dark ? "dark" : "light";
            test::keepPicture(*m_window, "preview-statistics-" + theme);
            const Tokens& tokens = choice == ThemeChoice::Dark ? darkTokens() : lightTokens();
            QCOMPARE(m_window->grab().toImage().pixelColor(3, 3), tokens.window);
        }
        QVERIFY(panel().text().contains("max 420 ms"));
    }

    void everyFocusablePartHasAName()
    {
        m_player->setStatisticsShown(true);
        const QList<QWidget*> widgets = m_window->findChildren<QWidget*>();
        for (QWidget* widget : widgets) {
            if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || widget->focusProxy() != nullptr)
                continue;
            QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(widget);
            QVERIFY2(accessible != nullptr && !accessible->text(QAccessible::Name).isEmpty(),
                     widget->metaObject()->className());
        }
    }
};

QTEST_MAIN(PreviewPlayerTest)
#include "preview_player_test.moc"
