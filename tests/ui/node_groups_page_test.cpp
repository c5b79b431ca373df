#include "tests/support/console_app.h"
#include "tests/support/one_page.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/node_group_draft.h"
#include "ui/pages/node_group_editor.h"
#include "ui/pages/node_group_form.h"
#include "ui/pages/node_groups_page.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

using namespace headgate;

namespace {

// One group as the console itself plans it, so that it keeps every rule.
SnapshotPtr withGroup(std::uint64_t version, const std::string& by = "console")
{
    Snapshot snapshot = *test::SnapshotBuilder().build();
    NodeGroupStatus status;
    status.group = planNodeGroup({});
    status.version = version;
    status.updatedAt = snapshot.takenAt;
    status.updatedBy = by;
    snapshot.nodeGroups.push_back(status);
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

}  // namespace

class NodeGroupsPageTest : public QObject, private test::OnePage<NodeGroupsPage>
{
    Q_OBJECT

private:
    QPushButton* applyButton() const { return m_page->findChild<QPushButton*>("apply"); }

private Q_SLOTS:
    void init()
    {
        open({1232, 800}, withGroup(7));
        m_page->reveal("live");
    }
    void cleanup() { close(); }

    void plannedGroupKeepsEveryRule()
    {
        NodeGroupPlan plan;
        plan.regions = {"eu-central-1", "us-east-1"};
        QVERIFY(validate(planNodeGroup(plan)).empty());
    }

    void wrongBoundsAreToldAsTheyAreTyped()
    {
        m_page->editSelected();
        auto* most = m_page->findChild<QSpinBox*>("field/subgroups/0/rules/0/max");
        QVERIFY(most != nullptr);
        most->setValue(1);  // below the minimum of 2
        QTRY_VERIFY_WITH_TIMEOUT(most->property("bad").toBool(), 3000);
        QVERIFY(!applyButton()->isEnabled());
        QVERIFY(m_stage->plane.requests.empty());
        most->setValue(9);
        QTRY_VERIFY_WITH_TIMEOUT(!most->property("bad").toBool(), 3000);
        QTRY_VERIFY_WITH_TIMEOUT(!m_stage->plane.requests.empty(), 3000);
        QVERIFY(m_stage->plane.requests.back().execution == Execution::DryRun);
        QVERIFY(applyButton()->isEnabled());
    }

    void wrongAccessSettingsAreToldAtTheirFields()
    {
        const auto label = [](const QWidget* field) { return field->toolTip(); };
        m_page->editSelected();
        m_page->findChild<NodeGroupForm*>()->setCurrentTab(DraftTab::General);
        m_page->findChild<QComboBox*>("field/access/kind")->setCurrentIndex(static_cast<int>(AccessKind::RoundTrip));
        const auto field = [&](const char* name) { return m_page->findChild<QLineEdit*>(name); };
        QTRY_VERIFY(field("field/access/roundTrip/validateUrl"));
        QTRY_VERIFY_WITH_TIMEOUT(field("field/access/roundTrip/validateUrl")->property("bad").toBool(), 3000);
        QVERIFY(label(field("field/access/roundTrip/validateUrl")).contains("Nobody is named"));
        field("field/access/roundTrip/validateUrl")->setText("https://auth.example/validate");
        field("field/access/webhooks/url")->setText("nowhere");
        QTRY_VERIFY_WITH_TIMEOUT(field("field/access/webhooks/url")->property("bad").toBool(), 3000);
        QVERIFY(!field("field/access/roundTrip/validateUrl")->property("bad").toBool());
        QVERIFY(!applyButton()->isEnabled());
        test::keepPicture(*m_page, "access-form-faults");
        m_page->findChild<QComboBox*>("field/access/kind")->setCurrentIndex(static_cast<int>(AccessKind::Jwt));
        QTRY_VERIFY(m_page->findChild<QPlainTextEdit*>("field/access/jwt/publicKey"));
        QTRY_VERIFY_WITH_TIMEOUT(
            m_page->findChild<QPlainTextEdit*>("field/access/jwt/publicKey")->property("bad").toBool(), 3000);
        field("field/access/webhooks/url")->clear();
        QTRY_VERIFY_WITH_TIMEOUT(!field("field/access/webhooks/url")->property("bad").toBool(), 3000);
    }

    void applySendsTheVersionSeenAndOffersUndo()
    {
        m_page->editSelected();
        m_page->findChild<QSpinBox*>("field/subgroups/0/rules/0/max")->setValue(9);
        QTRY_VERIFY_WITH_TIMEOUT(!m_stage->plane.requests.empty(), 3000);
        m_stage->plane.answer->version = 8;
        m_page->editor().apply();
        const CommandRequest& request = m_stage->plane.requests.back();
        QVERIFY(request.execution == Execution::Commit);
        QCOMPARE(request.ifVersion, std::optional<std::uint64_t>(7));
        const auto* replace = std::get_if<ReplaceNodeGroup>(&request.command);
        QVERIFY(replace != nullptr);
        QCOMPARE(replace->group.subgroups[0].rules[0].max, 9);
        QVERIFY(!m_page->editor().isEditing());
        QVERIFY(m_stage->toasts.back().undo);
        m_stage->toasts.back().undo();
        const auto* back = std::get_if<ReplaceNodeGroup>(&m_stage->plane.requests.back().command);
        QVERIFY(back != nullptr);
        QCOMPARE(back->group, planNodeGroup({}));
        QCOMPARE(m_stage->plane.requests.back().ifVersion, std::optional<std::uint64_t>(8));
    }

    void changeBySomeoneElseStopsApplyUntilReload()
    {
        m_page->editSelected();
        m_page->findChild<QSpinBox*>("field/subgroups/0/rules/0/max")->setValue(9);
        m_stage->plane.show(withGroup(8, "anna"));
        QVERIFY(!applyButton()->isEnabled());
        m_page->editor().reload();
        QCOMPARE(m_page->editor().draft().version(), std::optional<std::uint64_t>(8));
        QVERIFY(!m_page->editor().draft().isChanged());
    }

    void refusedApplyKeepsTheForm()
    {
        m_page->editSelected();
        m_page->findChild<QSpinBox*>("field/subgroups/0/rules/0/max")->setValue(9);
        QTRY_VERIFY_WITH_TIMEOUT(!m_stage->plane.requests.empty(), 3000);
        m_stage->plane.answer = fail(ErrorCode::VersionMismatch, "Version 8 is in force.", "Read it again.");
        m_page->editor().apply();
        QVERIFY(m_page->editor().isEditing());
        QCOMPARE(m_page->editor().draft().group().subgroups[0].rules[0].max, 9);
    }

    void newGroupIsCreatedWithAFreeName()
    {
        m_page->createGroup();
        QCOMPARE(m_page->findChild<QLineEdit*>("field/name")->text(), QString("live-2"));
        m_page->editor().apply();
        const auto* create = std::get_if<CreateNodeGroup>(&m_stage->plane.requests.back().command);
        QVERIFY(create != nullptr);
        QCOMPARE(create->group.name, NodeGroupName("live-2"));
    }

    void deletingAGroupWithViewersWantsItsName()
    {
        m_stage->plane.answer->viewersAffected = 12;
        m_page->deleteSelected();
        QVERIFY(m_stage->plane.requests.back().execution == Execution::DryRun);
        auto* dialog = m_page->findChild<TypedConfirmation*>();
        QVERIFY(dialog != nullptr);
        auto* act = dialog->findChild<QPushButton*>("act");
        QVERIFY(!act->isEnabled());
        QTest::keyClicks(dialog->findChild<QLineEdit*>("confirmationName"), "live");
        QTest::mouseClick(act, Qt::LeftButton);
        const CommandRequest& request = m_stage->plane.requests.back();
        QVERIFY(std::get_if<DeleteNodeGroup>(&request.command) != nullptr);
        QVERIFY(request.execution == Execution::Commit);
        QCOMPARE(request.ifVersion, std::optional<std::uint64_t>(7));
    }
};

QTEST_MAIN(NodeGroupsPageTest)
#include "node_groups_page_test.moc"
