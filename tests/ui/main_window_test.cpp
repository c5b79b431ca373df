#include "tests/support/console_app.h"
#include "tests/support/fake_control_plane.h"
#include "tests/support/sample_snapshot.h"
#include "ui/frame/command_palette.h"
#include "ui/frame/main_window.h"
#include "ui/widgets/notice.h"

#include <QAccessible>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

using namespace headgate;

namespace {

// Counts what it is told.
class PlainPage : public Page
{
public:
    explicit PlainPage(PageIdentity identity) : Page(std::move(identity)) {}

    int snapshots = 0;
    int filters = 0;
    int runs = 0;

    PageBadge badge(const Snapshot& snapshot) const override
    {
        return {std::nullopt, static_cast<int>(snapshot.streams.size())};
    }
    void focusFilter() override { ++filters; }
    std::vector<PaletteAction> paletteActions() const override
    {
        PaletteAction action;
        action.text = "Drain origin";
        action.object = "aOriginFra";
        action.run = [this] { ++const_cast<PlainPage*>(this)->runs; };
        return {action};
    }

protected:
    void onSnapshot(const Snapshot&) override
    {
        ++snapshots;
        showNormal();
    }
};

PageIdentity identity(const QString& id, QChar key)
{
    return {id, id.toUpper(), "What is " + id + "?", "nodes", key, RailSection::Live};
}

}  // namespace

class MainWindowTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_app = std::make_unique<test::ConsoleApp>();
        m_plane = std::make_unique<test::FakeControlPlane>();
        m_window = std::make_unique<MainWindow>(m_app->settings, m_app->theme);
        m_first = new PlainPage(identity("overview", 'O'));
        m_second = new PlainPage(identity("nodes", 'N'));
        m_window->setPages({m_first, m_second});
        m_window->setControlPlane(m_plane.get());
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }

    void cleanup()
    {
        m_window.reset();
        m_plane.reset();
    }

    void onlyThePageInFrontIsGivenSnapshots()
    {
        m_plane->show(test::sampleCluster().build());
        QCOMPARE(m_first->snapshots, 1);
        QCOMPARE(m_second->snapshots, 0);
        m_window->goTo("nodes");
        QCOMPARE(m_second->snapshots, 1);
    }

    void aFrozenPageKeepsWhatItShowsAndCatchesUp()
    {
        m_plane->show(test::sampleCluster().build());
        QTest::keyClick(m_window.get(), Qt::Key_Period, Qt::ControlModifier);
        QVERIFY(m_first->isFrozen());
        m_plane->show(test::sampleCluster().build());
        QCOMPARE(m_first->snapshots, 1);
        QTest::keyClick(m_window.get(), Qt::Key_Period, Qt::ControlModifier);
        QCOMPARE(m_first->snapshots, 2);
    }

    void keysGoToPages()
    {
        QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(m_window->currentPage(), m_second);
        QTest::keyClicks(m_window.get(), "go");
        QCOMPARE(m_window->currentPage(), m_first);
        QTest::keyClicks(m_window.get(), "/");
        QCOMPARE(m_first->filters, 1);
    }

    void paletteFindsAndRuns()
    {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* palette = m_window->findChild<CommandPalette*>();
        QVERIFY(palette->isVisible());
        auto* query = palette->findChild<QLineEdit*>();
        test::keepPicture(*m_window, "palette");
        QTest::keyClicks(query, "dr or");
        QTest::keyClick(query, Qt::Key_Return);
        QCOMPARE(m_first->runs, 1);
        QVERIFY(!palette->isVisible());
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        QTest::keyClicks(query, "nodes");
        QTest::keyClick(query, Qt::Key_Return);
        QCOMPARE(m_window->currentPage(), m_second);
    }

    void lostLinkShowsAgeAndReconnects()
    {
        m_plane->show(test::sampleCluster().build());
        auto* banner = m_window->findChild<Notice*>();
        QVERIFY(!banner->isVisible());
        Link link = m_plane->link();
        link.state = LinkState::Lost;
        link.lastHeard -= std::chrono::seconds(48);
        m_plane->setLink(link);
        QVERIFY(banner->isVisible());
        QVERIFY(m_first->isStale());
        const QList<QPushButton*> links = banner->findChildren<QPushButton*>();
        QCOMPARE(links.size(), 1);
        links.front()->click();
        QCOMPARE(m_plane->reconnects, 1);
        link.state = LinkState::Connected;
        link.lastHeard += std::chrono::seconds(48);
        m_plane->setLink(link);
        QVERIFY(!m_first->isStale());
    }

    void withoutDataALostLinkIsAnError()
    {
        Link link = m_plane->link();
        link.state = LinkState::Lost;
        link.error = Error{ErrorCode::Unavailable, "Nobody answers.", {}, {}};
        m_plane->setLink(link);
        QCOMPARE(m_first->state(), PageState::Error);
    }

    void undoRunsOnce()
    {
        int undone = 0;
        m_window->present({"Drained", [&undone] { ++undone; }});
        QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
        QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(undone, 1);
    }

    void closingMayBeRefused()
    {
        m_window->setClosePermission([] { return false; });
        QVERIFY(!m_window->close());
        m_window->setClosePermission(nullptr);
        QVERIFY(m_window->close());
    }

    void narrowWindowsHaveANarrowRail()
    {
        m_window->resize(1200, 760);
        QTRY_COMPARE(m_first->mapTo(m_window.get(), QPoint(0, 0)).x(), 56);
        m_window->resize(1440, 900);
        QTRY_COMPARE(m_first->mapTo(m_window.get(), QPoint(0, 0)).x(), 208);
    }

    void everyFocusablePartHasAName()
    {
        m_plane->show(test::sampleCluster().build());
        const QList<QWidget*> widgets = m_window->findChildren<QWidget*>();
        for (QWidget* widget : widgets) {
            if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || widget->focusProxy() != nullptr)
                continue;
            QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(widget);
            QVERIFY2(accessible != nullptr && !accessible->text(QAccessible::Name).isEmpty(),
                     widget->metaObject()->className());
        }
    }

    void fuzzyMatchWantsEveryWord()
    {
        QVERIFY(fuzzyScore("dr or", "Drain origin") > fuzzyScore("rain", "Drain origin"));
        QVERIFY(fuzzyScore("rain", "Drain origin") > 0);
        QCOMPARE(fuzzyScore("dr edge", "Drain origin"), 0);
        QVERIFY(fuzzyScore("", "anything") > 0);
    }

private:
    std::unique_ptr<test::ConsoleApp> m_app;
    std::unique_ptr<test::FakeControlPlane> m_plane;
    std::unique_ptr<MainWindow> m_window;
    PlainPage* m_first = nullptr;
    PlainPage* m_second = nullptr;
};

QTEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
