#include "core/base/random.h"
#include "tests/support/console_app.h"
#include "tests/support/sample_snapshot.h"
#include "ui/models/rows.h"
#include "ui/models/snapshot_table_model.h"
#include "ui/widgets/table_view.h"

#include <QAbstractItemModelTester>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <numeric>

using namespace headgate;

namespace {

std::vector<TableColumn> twoColumns()
{
    return {{"Name", 200, ColumnAlign::Left, true}, {"Value", 80, ColumnAlign::Right}};
}

TableRow row(const QString& key, int value)
{
    TableRow one;
    one.key = key;
    Cell name;
    name.text = "row " + key;
    Cell figure;
    figure.text = QString::number(value);
    figure.sort = value;
    one.cells = {name, figure};
    one.facets << (value % 2 == 0 ? "parity:even" : "parity:odd");
    return one;
}

// A random subset of 60 keys, in random order if `shuffles`.
std::vector<TableRow> randomRows(Random& random, bool shuffles)
{
    std::vector<TableRow> rows;
    for (int key = 0; key < 60; ++key)
        if (random.below(3) != 0)
            rows.push_back(row(QString::number(key), static_cast<int>(random.below(100))));
    if (shuffles)
        for (std::size_t i = rows.size(); i > 1; --i)
            std::swap(rows[i - 1], rows[random.below(i)]);
    return rows;
}

}  // namespace

class SnapshotTableModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void randomChangesEndAtTheTargetWithoutAReset()
    {
        SnapshotTableModel model(twoColumns());
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        Random random(7);
        for (int round = 0; round < 200; ++round) {
            const std::vector<TableRow> target = randomRows(random, round % 2 == 1);
            model.setRows(target);
            QCOMPARE(model.rows(), target);
        }
        QCOMPARE(resets.count(), 0);
    }

    void equalRowsTellNothing()
    {
        SnapshotTableModel model(twoColumns());
        model.setRows({row("a", 1), row("b", 2)});
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        model.setRows({row("a", 1), row("b", 2)});
        QCOMPARE(changes.count(), 0);
        model.setRows({row("a", 1), row("b", 3)});
        QCOMPARE(changes.count(), 1);
        QCOMPARE(changes.front().at(0).toModelIndex(), model.index(1, 1));
    }

    void selectionStaysOnItsKeyWhileRowsComeAndGo()
    {
        const test::ConsoleApp app;
        SnapshotTableModel model(twoColumns());
        RowFilter filter;
        TableView view("Rows", RowHeight::TwoLines);
        view.setTable(model, filter);
        view.setSortingEnabled(true);
        view.sortByColumn(1, Qt::DescendingOrder);
        view.resize(400, 300);
        view.show();
        Random random(11);
        std::vector<TableRow> rows = randomRows(random, false);
        if (std::none_of(rows.begin(), rows.end(), [](const TableRow& one) { return one.key == "30"; }))
            rows.push_back(row("30", 5));
        model.setRows(rows);
        QVERIFY(view.selectKey("30"));
        for (int round = 0; round < 60; ++round) {
            std::vector<TableRow> next = randomRows(random, true);
            if (std::none_of(next.begin(), next.end(), [](const TableRow& one) { return one.key == "30"; }))
                next.push_back(row("30", round));
            model.setRows(next);
            QCOMPARE(view.currentKey(), QString("30"));
            QCOMPARE(view.selectedKeys(), QStringList{"30"});
        }
    }

    void scrollPositionStaysWhenFiguresChange()
    {
        const test::ConsoleApp app;
        SnapshotTableModel model(twoColumns());
        RowFilter filter;
        TableView view("Rows", RowHeight::TwoLines);
        view.setTable(model, filter);
        view.resize(400, 300);
        view.show();
        std::vector<TableRow> rows;
        for (int i = 0; i < 500; ++i)
            rows.push_back(row(QString::number(i), i));
        model.setRows(rows);
        QTRY_VERIFY(view.verticalScrollBar()->maximum() > 2000);
        view.verticalScrollBar()->setValue(1234);
        QCOMPARE(view.verticalScrollBar()->value(), 1234);
        for (int round = 0; round < 20; ++round) {
            for (TableRow& one : rows)
                one.cells[1].text = QString::number(round);
            model.setRows(rows);
        }
        QCOMPARE(view.verticalScrollBar()->value(), 1234);
    }

    void heldRowsKeepTheirOrderUntilLetGo()
    {
        SnapshotTableModel model(twoColumns());
        RowFilter filter;
        filter.setSourceModel(&model);
        filter.sort(1, Qt::AscendingOrder);
        model.setRows({row("a", 1), row("b", 2), row("c", 3)});
        filter.setHeld(true);
        model.setRows({row("a", 9), row("b", 2), row("c", 3)});
        QCOMPARE(filter.index(0, 0).data(KeyRole).toString(), QString("a"));
        filter.setHeld(false);
        QCOMPARE(filter.index(2, 0).data(KeyRole).toString(), QString("a"));
    }

    void textAndFacetsFilterTogether()
    {
        SnapshotTableModel model(twoColumns());
        RowFilter filter;
        filter.setSourceModel(&model);
        model.setRows({row("a", 1), row("b", 2), row("ab", 4)});
        filter.setText("b row");
        QCOMPARE(filter.rowCount(), 2);
        filter.setFacets({"parity:odd", "parity:even"});
        QCOMPARE(filter.rowCount(), 2);
        filter.setFacets({"parity:odd"});
        QCOMPARE(filter.rowCount(), 0);
        filter.setText("");
        QCOMPARE(filter.rowCount(), 1);
    }

    void rowsOfASnapshotFitTheirColumns()
    {
        const SnapshotPtr snapshot = test::sampleCluster().build();
        const LocalHistory history;
        const TimePoint now = snapshot->takenAt;
        const auto fits = [](std::vector<TableColumn> columns, std::vector<TableRow> rows) {
            SnapshotTableModel model(std::move(columns));
            model.setRows(std::move(rows));
            return model.rowCount();
        };
        QCOMPARE(fits(rows::nodeColumns(), rows::nodes(*snapshot, now)), 8);
        QCOMPARE(fits(rows::streamColumns(), rows::streams(*snapshot, history, now)), 3);
        QCOMPARE(fits(rows::nodeGroupColumns(), rows::nodeGroups(*snapshot)), 7);
        QCOMPARE(fits(rows::nodeGroupColumns(), rows::nodeGroups(*snapshot, {"eu-live", "us-live"})), 2);
        QCOMPARE(fits(rows::auditColumns(now), rows::audit(snapshot->recentAudit)), 5);
    }

    void deadNodeShowsNoFigures()
    {
        const SnapshotPtr snapshot = test::sampleCluster().build();
        const std::vector<TableRow> all = rows::nodes(*snapshot, snapshot->takenAt);
        const auto dead =
            std::find_if(all.begin(), all.end(), [](const TableRow& one) { return one.key == "hEdgeIad02"; });
        QVERIFY(dead != all.end());
        QCOMPARE(dead->cells[5].text, QString(QChar(0x2013)));
        QVERIFY(dead->facets.contains("unwell:yes"));
    }
};

QTEST_MAIN(SnapshotTableModelTest)
#include "snapshot_table_model_test.moc"
