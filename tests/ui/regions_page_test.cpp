#include "tests/support/page_stage.h"
#include "ui/models/places.h"
#include "ui/pages/region_editor.h"
#include "ui/pages/region_rows.h"
#include "ui/pages/regions_page.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/region_map.h"

#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include <algorithm>

using namespace headgate;

class RegionsPageTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::PageStage> m_stage;
    std::unique_ptr<RegionsPage> m_page;

    QPushButton* button(const char* name) const { return m_page->findChild<QPushButton*>(name); }
    const CommandRequest& sent() const { return m_stage->plane.requests.back(); }
    const TableRow& row(const QString& key) const
    {
        const SnapshotTableModel& model = m_page->findChild<TablePane*>()->model();
        return model.rows()[static_cast<std::size_t>(model.rowOf(key))];
    }

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<test::PageStage>();
        m_page = std::make_unique<RegionsPage>(m_stage->context);
        m_page->resize(1232, 826);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_stage->put(*m_page, test::sampleCluster().build());
    }

    void cleanup()
    {
        m_page.reset();
        m_stage.reset();
    }

    void builtInAddedAndNamedRegionsAreListed()
    {
        const auto& rows = m_page->findChild<TablePane*>()->model().rows();
        QCOMPARE(rows.size(), std::size_t(10 + 1 + 3));
        QCOMPARE(row("europe-central").cells[0].second, QString("europe-central, default"));
        QCOMPARE(row("iceland-1").cells[7].text, QString("added"));
        QCOMPARE(row("eu-central-1").cells[2].text, QString("3 of 3"));
        QCOMPARE(row("eu-central-1").cells[3].text, QString("103"));
        QCOMPARE(row("singapore").cells[3].text, format::unknown());
    }

    void theUsersRegionsStandOnTheMap()
    {
        const auto& shown = m_page->findChild<RegionMap*>()->regions();
        const auto iceland = std::ranges::find(shown, QString("iceland-1"), &MapRegion::id);
        QVERIFY(iceland != shown.end());
        QCOMPARE(iceland->name, QString("Reykjavik"));
        QCOMPARE(iceland->latitude, 64.1);
        QVERIFY(iceland->status == Status::Off);
        QCOMPARE(regionName("europe-central"), QString("Frankfurt"));
        QCOMPARE(regionName(*m_stage->plane.snapshot(), "iceland-1"), QString("Reykjavik"));
    }

    void aRegionIsAddedByAClickOnTheMap()
    {
        QTest::mouseClick(button("newRegion"), Qt::LeftButton);
        QTest::mouseClick(button("saveRegion"), Qt::LeftButton);
        auto* name = m_page->findChild<QLineEdit*>("regionName");
        QVERIFY(name->property("bad").toBool());
        QVERIFY(m_stage->plane.requests.empty());
        QTest::keyClicks(name, "brazil-south");  // taken
        QVERIFY(name->property("bad").toBool());
        name->clear();
        QTest::keyClicks(name, "norway-1");
        QTest::keyClicks(m_page->findChild<QLineEdit*>("regionTitle"), "Oslo, Norway");
        auto* map = m_page->findChild<RegionMap*>();
        QTest::mouseClick(map, Qt::LeftButton, {}, QPoint(map->width() / 2, map->height() / 3));
        const Region draft = m_page->editor().region();
        QVERIFY(draft.latitude > 20 && draft.latitude < 60);
        QVERIFY(std::ranges::find(map->regions(), QString("Oslo"), &MapRegion::name) != map->regions().end());
        QTest::mouseClick(button("saveRegion"), Qt::LeftButton);
        const auto* put = std::get_if<PutRegion>(&sent().command);
        QVERIFY(put != nullptr);
        QCOMPARE(put->region, draft);
        QVERIFY(!sent().ifVersion);
        m_stage->toasts.back().undo();
        QCOMPARE(std::get<DeleteRegion>(sent().command).name, std::string("norway-1"));
    }

    void whatIsBuiltInIsNotChanged()
    {
        m_page->reveal("singapore");
        QVERIFY(!button("editRegion")->isVisible() && !button("deleteRegion")->isVisible());
        QVERIFY(button("defaultRegion")->isEnabled());
        QTest::mouseClick(button("defaultRegion"), Qt::LeftButton);
        QCOMPARE(std::get<SetDefaultRegion>(sent().command).name, std::string("singapore"));
        m_stage->toasts.back().undo();
        QCOMPARE(std::get<SetDefaultRegion>(sent().command).name, std::string("europe-central"));
    }

    void anAddedRegionIsChangedWithTheVersionSeenAndDeletedWithUndo()
    {
        m_page->reveal("iceland-1");
        QTest::mouseClick(button("editRegion"), Qt::LeftButton);
        QVERIFY(!m_page->findChild<QLineEdit*>("regionName")->isEnabled());
        m_page->findChild<QDoubleSpinBox*>("regionLatitude")->setValue(65);
        QTest::mouseClick(button("saveRegion"), Qt::LeftButton);
        QCOMPARE(std::get<PutRegion>(sent().command).region.latitude, 65.0);
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(4));
        QVERIFY(button("deleteRegion")->isVisible());
        QTest::mouseClick(button("deleteRegion"), Qt::LeftButton);
        QCOMPARE(std::get<DeleteRegion>(sent().command).name, std::string("iceland-1"));
        m_stage->toasts.back().undo();
        QCOMPARE(std::get<PutRegion>(sent().command).region.latitude, 64.1);
    }

    void aRegionThatAGroupNamesIsNotDeletedButCanBeDescribed()
    {
        m_page->reveal("us-east-1");
        QVERIFY(!button("deleteRegion")->isVisible());
        QVERIFY(!button("defaultRegion")->isEnabled());
        QTest::mouseClick(button("editRegion"), Qt::LeftButton);
        QCOMPARE(m_page->editor().region().name, std::string("us-east-1"));
    }

    void aRefusalIsToldAtItsField()
    {
        m_page->addRegion();
        QTest::keyClicks(m_page->findChild<QLineEdit*>("regionName"), "norway-1");
        QTest::keyClicks(m_page->findChild<QLineEdit*>("regionTitle"), "Oslo");
        m_stage->plane.answer =
            tl::unexpected(Error{ErrorCode::InvalidArgument, "A title has two words.", "Write two.", "/title"});
        QTest::mouseClick(button("saveRegion"), Qt::LeftButton);
        QVERIFY(m_page->editor().isEditing());
        QVERIFY(m_page->findChild<QLineEdit*>("regionTitle")->property("bad").toBool());
    }
};

QTEST_MAIN(RegionsPageTest)
#include "regions_page_test.moc"
