#include "tests/support/one_page.h"
#include "ui/models/places.h"
#include "ui/pages/region_editor.h"
#include "ui/pages/region_rows.h"
#include "ui/pages/regions_page.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/region_map.h"

#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>

#include <algorithm>

using namespace headgate;

class RegionsPageTest : public QObject, private test::OnePage<RegionsPage>
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open({1232, 826}); }
    void cleanup() { close(); }

    void builtInAddedAndNamedRegionsAreListed()
    {
        QCOMPARE(rows().size(), std::size_t(10 + 1 + 3));
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
        click("newRegion");
        click("saveRegion");
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
        click("saveRegion");
        const auto* put = std::get_if<PutRegion>(&sent().command);
        QVERIFY(put != nullptr);
        QCOMPARE(put->region, draft);
        QVERIFY(!sent().ifVersion);
        m_stage->toasts.back().undo();
        QCOMPARE(std::get<DeleteRegion>(sent().command).name, std::string("norway-1"));
    }

    void whatIsRevealedIsShownAsSoonAsItIsThere()
    {
        m_page->reveal("norway-1");
        QVERIFY(!button("editRegion")->isVisible());
        Snapshot snapshot = *m_stage->plane.snapshot();
        snapshot.regions.push_back({{"norway-1", "Oslo, Norway", 59.9, 10.7}, 1});
        m_stage->plane.show(std::make_shared<const Snapshot>(std::move(snapshot)));
        QVERIFY(button("editRegion")->isVisible());
        click("editRegion");
        QCOMPARE(m_page->editor().region().name, std::string("norway-1"));
    }

    void whatIsBuiltInIsNotChanged()
    {
        m_page->reveal("singapore");
        QVERIFY(!button("editRegion")->isVisible() && !button("deleteRegion")->isVisible());
        QVERIFY(button("defaultRegion")->isEnabled());
        click("defaultRegion");
        QCOMPARE(std::get<SetDefaultRegion>(sent().command).name, std::string("singapore"));
        m_stage->toasts.back().undo();
        QCOMPARE(std::get<SetDefaultRegion>(sent().command).name, std::string("europe-central"));
    }

    void anAddedRegionIsChangedWithTheVersionSeenAndDeletedWithUndo()
    {
        m_page->reveal("iceland-1");
        click("editRegion");
        QVERIFY(!m_page->findChild<QLineEdit*>("regionName")->isEnabled());
        m_page->findChild<QDoubleSpinBox*>("regionLatitude")->setValue(65);
        click("saveRegion");
        QCOMPARE(std::get<PutRegion>(sent().command).region.latitude, 65.0);
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(4));
        QVERIFY(button("deleteRegion")->isVisible());
        click("deleteRegion");
        QVERIFY(sentAs<DeleteRegion>() && sent().execution == Execution::DryRun);
        confirm();
        QCOMPARE(sentAs<DeleteRegion>()->name, std::string("iceland-1"));
        QVERIFY(sent().execution == Execution::Commit);
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(4));
        m_stage->toasts.back().undo();
        QCOMPARE(std::get<PutRegion>(sent().command).region.latitude, 64.1);
    }

    void aRegionThatAGroupNamesIsNotDeletedButCanBeDescribed()
    {
        m_page->reveal("us-east-1");
        QVERIFY(!button("deleteRegion")->isVisible());
        QVERIFY(!button("defaultRegion")->isEnabled());
        click("editRegion");
        QCOMPARE(m_page->editor().region().name, std::string("us-east-1"));
    }

    void aDeletionThatWouldBeRefusedIsNotAsked()
    {
        m_page->reveal("iceland-1");
        m_stage->plane.answer = fail(ErrorCode::Conflict, "The region is used by eu-live.", "Move it first.");
        click("deleteRegion");
        QVERIFY(question() == nullptr);
        QVERIFY(m_stage->toasts.back().text.contains("used by eu-live"));
    }

    void whatIsTypedIsPreviewedWithItsCommandLine()
    {
        m_page->reveal("iceland-1");
        click("editRegion");
        auto* words = m_page->findChild<QLabel*>("changePreview");
        auto* command = m_page->editor().findChild<CodeBlock*>();
        QVERIFY(!words->isVisible() && !command->isVisible());
        m_stage->plane.answer->effects = {"Nothing moves."};
        m_page->findChild<QDoubleSpinBox*>("regionLatitude")->setValue(65);
        QTRY_VERIFY(words->isVisible());
        QCOMPARE(words->text(), QString("Nothing moves."));
        QVERIFY(sent().execution == Execution::DryRun);
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(4));
        QCOMPARE(command->code(),
                 QString("headgatectl --server http://127.0.0.1:5080 \\\n  apply -f iceland-1.json --if-match 4"));
        m_stage->plane.answer = fail(ErrorCode::VersionMismatch, "Version 5 is in force.", "Look again.");
        m_page->findChild<QDoubleSpinBox*>("regionLatitude")->setValue(66);
        QTRY_VERIFY(words->text().contains("Version 5"));
        QVERIFY(!button("saveRegion")->isEnabled());
    }

    void aRefusalIsToldAtItsField()
    {
        m_page->addRegion();
        QTest::keyClicks(m_page->findChild<QLineEdit*>("regionName"), "norway-1");
        QTest::keyClicks(m_page->findChild<QLineEdit*>("regionTitle"), "Oslo");
        m_stage->plane.answer =
            tl::unexpected(Error{ErrorCode::InvalidArgument, "A title has two words.", "Write two.", "/title"});
        click("saveRegion");
        QVERIFY(m_page->editor().isEditing());
        QVERIFY(m_page->findChild<QLineEdit*>("regionTitle")->property("bad").toBool());
    }
};

QTEST_MAIN(RegionsPageTest)
#include "regions_page_test.moc"
