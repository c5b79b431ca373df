#include "tests/support/page_stage.h"
#include "tests/support/sample_details.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/models/rows.h"
#include "ui/pages/stream_details_view.h"
#include "ui/pages/streams_page.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/table_view.h"

#include <QBuffer>
#include <QComboBox>
#include <QHeaderView>
#include <QPushButton>
#include <QTabBar>
#include <QTest>

using namespace headgate;

// Viewers, tracks and pictures of streams, as a scripted control plane tells them.
class StreamDetailsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::PageStage> m_stage;
    std::unique_ptr<StreamsPage> m_page;
    SnapshotPtr m_snapshot;

    StreamDetailsView& view() const { return *m_page->findChild<StreamDetailsView*>(); }
    TableView& table(const QString& name) const
    {
        const QList<TableView*> tables = m_page->findChildren<TableView*>();
        for (TableView* table : tables)
            if (table->accessibleName() == name)
                return *table;
        qFatal("no such table");
    }
    TableView& viewers() const { return table("Viewers"); }
    CellPicture firstPicture() const
    {
        return table("Streams").model()->index(0, 0).data(CellRole).value<Cell>().picture.value_or(CellPicture{});
    }
    Cell cell(int row, int column) const { return viewers().model()->index(row, column).data(CellRole).value<Cell>(); }
    StreamViewer& told(std::size_t index) { return m_stage->plane.details->viewers[index]; }
    void nextSecond()
    {
        Snapshot next = *m_snapshot;
        next.takenAt += std::chrono::seconds(1);
        m_snapshot = std::make_shared<const Snapshot>(next);
        m_stage->plane.show(m_snapshot);
    }

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<test::PageStage>();
        m_snapshot = test::sampleCluster().build();
        m_stage->plane.details = test::sampleDetails(*m_snapshot);
        m_page = std::make_unique<StreamsPage>(m_stage->context, m_stage->testStreams);
        m_page->resize(1232, 800);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_stage->put(*m_page, m_snapshot);
        m_page->reveal(rows::streamRowKey(NodeGroupName("eu-live"), {"live", "fan-zone"}));
        m_page->openDetails();
        view().findChild<QComboBox*>("node")->setCurrentIndex(2);  // the edge
    }

    void cleanup()
    {
        m_page.reset();
        m_stage.reset();
    }

    void rowOfAReaderThatFallsBehindChanges()
    {
        QCOMPARE(viewers().model()->rowCount(), 3);
        told(1).lagMs = 2600;
        told(1).waitingBytes = 700'000;
        told(1).bitsPerSecond = 300'000;
        nextSecond();
        QCOMPARE(cell(0, 0).text, QString("203.0.113.8:5001"));
        QCOMPARE(cell(0, 0).second, QString("HTTP-FLV"));
        QCOMPARE(cell(0, 3).text, QString("0.30"));
        QCOMPARE(cell(0, 4).text, QString("2.6 s"));
        QVERIFY(cell(0, 4).tone == TextTone::Warning);
        QVERIFY(cell(1, 4).tone == TextTone::Primary);
    }

    void titleOfAColumnOrdersTheRows()
    {
        told(2).bitsPerSecond = 9'000'000;
        nextSecond();
        viewers().horizontalHeader()->setSortIndicator(3, Qt::DescendingOrder);
        QCOMPARE(cell(0, 0).text, QString("[2001:db8::1]:5002"));
    }

    void disconnectAsksFirstAndGoesToTheControlPlane()
    {
        auto* button = view().findChild<QPushButton*>("disconnect");
        QVERIFY(!button->isEnabled());
        viewers().selectKey("bEdgeFra01/2");
        QVERIFY(button->isEnabled());
        QTest::mouseClick(button, Qt::LeftButton);
        auto* question = m_page->findChild<TypedConfirmation*>();
        QVERIFY(question != nullptr);
        QVERIFY(m_stage->plane.requests.empty());
        const QList<QPushButton*> answers = question->findChildren<QPushButton*>();
        for (QPushButton* answer : answers)
            if (answer->text() == "Disconnect")
                QTest::mouseClick(answer, Qt::LeftButton);
        QCOMPARE(m_stage->plane.requests.size(), std::size_t(1));
        const auto& command = std::get<DisconnectViewer>(m_stage->plane.requests[0].command);
        QCOMPARE(command.node, NodeId("bEdgeFra01"));
        QCOMPARE(command.stream.path(), std::string("live/fan-zone"));
        QCOMPARE(command.viewer, std::uint64_t(2));
        QCOMPARE(m_stage->toasts.back().text, QString("203.0.113.8:5001 was disconnected"));
    }

    void moreViewersThanAreListedAreCounted()
    {
        m_stage->plane.details->viewerCount = 1500;
        nextSecond();
        QCOMPARE(view().findChild<QTabBar*>("parts")->tabText(0), QString("Viewers, 3 furthest behind of 1,500"));
    }

    void aNodeThatDoesNotAnswerIsNamed()
    {
        m_stage->plane.details = fail(ErrorCode::Unavailable, "The node did not answer within 5 s.");
        nextSecond();
        const auto* notice = view().findChild<Notice*>();
        QVERIFY(notice->isVisible());
        QCOMPARE(notice->accessibleName(), QString("Node bEdgeFra01 does not say who watches"));
        // What it reported before is shown all the same.
        m_stage->plane.details = StreamDetails{};
        m_stage->plane.details->viewerCount = 12;
        m_stage->plane.details->note = "The node did not answer within 5 s.";
        nextSecond();
        QVERIFY(notice->isVisible());
        QVERIFY(view().findChild<QTabBar*>("parts")->tabText(0).endsWith("of 12"));
    }

    void staleDataChangesNothing()
    {
        viewers().selectKey("bEdgeFra01/2");
        m_page->setStale(true);
        auto* button = view().findChild<QPushButton*>("disconnect");
        QVERIFY(!button->isEnabled() && !button->toolTip().isEmpty());
    }

    void escapeGoesBackToTheListFirst()
    {
        QVERIFY(m_page->closeInspector());
        QVERIFY(!view().isVisible());
        QVERIFY(m_page->closeInspector());
        QVERIFY(!m_page->closeInspector());
    }

    void picturesAreAskedForInSightOnceInTenSeconds()
    {
        m_page->closeInspector();
        QImage picture(128, 72, QImage::Format_RGB32);
        picture.fill(Qt::darkGreen);
        QByteArray jpeg;
        QBuffer buffer(&jpeg);
        QVERIFY(buffer.open(QIODevice::WriteOnly) && picture.save(&buffer, "JPEG"));
        m_stage->plane.thumbnail = Thumbnail{"a", jpeg.toStdString()};
        m_stage->plane.thumbnailQueries.clear();
        for (int second = 0; second < 25; ++second)
            nextSecond();
        const std::size_t asked = m_stage->plane.thumbnailQueries.size();
        QVERIFY2(asked >= 6 && asked <= 9, qPrintable(QString::number(asked)));  // three streams
        QCOMPARE(m_stage->plane.thumbnailQueries.back().knownTag, std::string("a"));
        QCOMPARE(firstPicture().image.size(), QSize(128, 72));
        m_page->hide();
        nextSecond();
        QCOMPARE(m_stage->plane.thumbnailQueries.size(), asked);
    }

    void aPictureThatCannotBeMadeSaysWhy()
    {
        m_page->closeInspector();
        m_stage->plane.thumbnail = fail(ErrorCode::Unsupported, "AV1 cannot be decoded here.");
        for (int second = 0; second < 11; ++second)
            nextSecond();
        QVERIFY(firstPicture().image.isNull());
        QVERIFY(firstPicture().whyNone.contains("AV1"));
    }
};

QTEST_MAIN(StreamDetailsTest)
#include "stream_details_test.moc"
