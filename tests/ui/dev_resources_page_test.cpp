#include "tests/support/one_page.h"
#include "ui/models/rows.h"
#include "ui/pages/dev_resources_page.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/notice.h"

#include <QClipboard>
#include <QComboBox>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QTabBar>
#include <QTest>
#include <QUrl>

using namespace headgate;

class DevResourcesPageTest : public QObject, private test::OnePage<DevResourcesPage>
{
    Q_OBJECT

private:
    QComboBox* box(const char* name) const { return m_page->findChild<QComboBox*>(name); }
    QString notice() const
    {
        const auto* notice = m_page->findChild<Notice*>();
        return notice->isVisible() ? notice->accessibleName() : QString();
    }
    QString shownCode() const
    {
        QString all;
        const QList<CodeBlock*> blocks = m_page->findChildren<CodeBlock*>();
        for (const CodeBlock* block : blocks)
            if (block->isVisible())
                all += block->code() + '\n';
        return all;
    }

    QUrl m_opened;

public Q_SLOTS:
    void takeUrl(const QUrl& url) { m_opened = url; }

private Q_SLOTS:
    void init() { open({1232, 800}); }
    void cleanup() { close(); }

    void revealedStreamIsShownWithItsGroup()
    {
        m_page->reveal(rows::streamRowKey(NodeGroupName("us-live"), {"cam/tunnel", "one"}));
        QCOMPARE(box("group")->currentText(), QString("us-live"));
        QCOMPARE(notice(), QString("No edge takes viewers now"));  // one drains, one is dead
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        QVERIFY(shownCode().contains("http://127.77.0.4:5080/live/fan-zone.flv"));
        QCOMPARE(notice(), QString());
    }

    void copiesByKeyAndSaysSo()
    {
        auto* block = m_page->findChild<CodeBlock*>();
        auto* copy = block->findChild<CopyButton*>();
        copy->setFocus();
        QTest::keyClick(copy, Qt::Key_Space);
        QCOMPARE(QGuiApplication::clipboard()->text(), block->code());
        QCOMPARE(copy->text(), QString("Copied"));
        QTRY_COMPARE(copy->text(), QString("Copy"));
    }

    void aStreamToComeCanBePublishedOrTested()
    {
        box("stream")->setEditText("live/tomorrow");
        QCOMPARE(notice(), QString("live/tomorrow is not on air"));
        QTest::mouseClick(m_page->findChild<Notice*>()->findChild<QPushButton*>(), Qt::LeftButton);
        QVERIFY(m_stage->testStreams.isRunning(NodeGroupName("eu-live"), {"live", "tomorrow"}));
    }

    void aBadNameIsRefusedWithTheReason()
    {
        box("stream")->setEditText("no scope");
        QCOMPARE(notice(), QString("This is no name of a stream"));
        QCOMPARE(shownCode(), QString());
        box("stream")->setEditText("live/one");
        QVERIFY(!shownCode().isEmpty());
    }

    void theTestPageIsOpenedWithTheStream()
    {
        auto* open = m_page->findChild<QPushButton*>("openTestPage");
        QVERIFY(!open->isVisible());
        Snapshot next = *m_stage->plane.snapshot();
        for (NodeStatus& status : next.nodes)
            status.node.endpoints.webrtcPort = 8189;
        m_stage->plane.show(std::make_shared<const Snapshot>(next));
        QVERIFY(open->isVisible());
        QDesktopServices::setUrlHandler("http", this, "takeUrl");
        QTest::mouseClick(open, Qt::LeftButton);
        QDesktopServices::unsetUrlHandler("http");
        QCOMPARE(m_opened.toString(), m_stage->context.apiUrl + "/test/?stream=" + box("stream")->currentText() +
                                          "&nodeGroup=" + box("group")->currentText());
        bool isToCopy = false;
        const auto addresses = m_page->findChildren<QLabel*>("address");
        for (const QLabel* address : addresses)
            isToCopy = isToCopy || (address->isVisible() && address->text() == m_opened.toString());
        QVERIFY(isToCopy);
    }

    void addressStaysWhileFiguresChange()
    {
        const QString before = shownCode();
        Snapshot next = *m_stage->plane.snapshot();
        for (NodeStatus& status : next.nodes)
            status.load.subscribers = status.node.id.value == "bEdgeFra01" ? 0 : 500;
        m_stage->plane.show(std::make_shared<const Snapshot>(next));
        QCOMPARE(shownCode(), before);
        std::erase_if(next.nodes, [](const NodeStatus& status) { return status.node.id.value == "dEdgeLon01"; });
        m_stage->plane.show(std::make_shared<const Snapshot>(next));
        QVERIFY(shownCode().contains("127.77.0.2"));
    }

    void everyToolHasSomethingToCopy()
    {
        auto* tools = m_page->findChild<QTabBar*>("tools");
        for (int i = 0; i < tools->count(); ++i) {
            tools->setCurrentIndex(i);
            QVERIFY2(!shownCode().isEmpty(), qPrintable(tools->tabText(i)));
        }
        m_stage->context.apiUrl.clear();
        box("stream")->setEditText("live/other");
        QCOMPARE(shownCode(), QString());
    }
};

QTEST_MAIN(DevResourcesPageTest)
#include "dev_resources_page_test.moc"
