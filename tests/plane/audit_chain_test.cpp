#include "core/store/audit_chain.h"
#include "core/store/connection.h"
#include "core/store/store.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headgate;

namespace {

const std::string key(32, 'k');

AuditRecord recordOf(int number)
{
    AuditRecord record;
    record.at = fromEpochMs(1'800'000'000'000 + number);
    record.actor = "admin";
    record.verb = "node-group.replace";
    record.object = "node-group/eu";
    record.sentence = "Change " + std::to_string(number) + ".";
    record.before = "{}";
    record.after = R"({"max":)" + std::to_string(number) + "}";
    record.requestId = RequestId("r" + std::to_string(number));
    record.revision = static_cast<std::uint64_t>(number);
    return record;
}

}  // namespace

class AuditChainTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        m_file = m_directory->filePath(QStringLiteral("store.sqlite")).toStdString();
        write(1, 7);
        write(8, 20);
    }

    void whatNobodyTouchedFits()
    {
        QCOMPARE(verdict(), (AuditVerdict{20, 0, {}}));
        QVERIFY(Store::readAudit(m_file, {})->size() == 20);
    }

    void anyChangeOfAnyRowIsFound_data()
    {
        QTest::addColumn<QString>("statements");
        QTest::addColumn<int>("row");
        for (const char* column :
             {"actor", "verb", "object", "severity", "sentence", "before", "after", "request_id"}) {
            for (const int row : {1, 9, 20})
                QTest::addRow("%s of %d", column, row)
                    << QStringLiteral("UPDATE audit SET %1 = %1 || 'x' WHERE sequence = %2").arg(column).arg(row)
                    << row;
        }
        for (const char* column : {"at", "revision"})
            QTest::addRow("%s", column)
                << QStringLiteral("UPDATE audit SET %1 = %1 + 1 WHERE sequence = 13").arg(column) << 13;
        QTest::newRow("moved text")
            << "UPDATE audit SET actor = 'ad', verb = 'minnode-group.replace' WHERE sequence = 5" << 5;
        QTest::newRow("chain")
            << "UPDATE audit SET chain = (SELECT chain FROM audit WHERE sequence = 3) WHERE sequence = 4" << 4;
        QTest::newRow("no chain") << "UPDATE audit SET chain = '' WHERE sequence = 4" << 4;
        QTest::newRow("removed first") << "DELETE FROM audit WHERE sequence = 1" << 1;
        QTest::newRow("removed") << "DELETE FROM audit WHERE sequence = 11" << 11;
        QTest::newRow("removed and closed up")
            << "DELETE FROM audit WHERE sequence = 11; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 11"
            << 11;
        QTest::newRow("cut off") << "DELETE FROM audit WHERE sequence > 17" << 18;
        QTest::newRow("cut off with another head")
            << "DELETE FROM audit WHERE sequence > 17; UPDATE control_plane SET audit_head = "
               "(SELECT chain FROM audit WHERE sequence = 17)"
            << 18;
        QTest::newRow("everything removed") << "DELETE FROM audit" << 1;
        QTest::newRow("put in at the end")
            << "INSERT INTO audit SELECT 21, at, actor, verb, object, severity, sentence, before, after, request_id, "
               "revision, chain FROM audit WHERE sequence = 20"
            << 21;
        QTest::newRow("swapped") << "UPDATE audit SET sequence = 100 WHERE sequence = 6; UPDATE audit SET sequence = 6 "
                                    "WHERE sequence = 7; UPDATE audit SET sequence = 7 WHERE sequence = 100"
                                 << 6;
    }

    void anyChangeOfAnyRowIsFound()
    {
        QFETCH(QString, statements);
        QFETCH(int, row);
        tamper(statements);
        const AuditVerdict found = verdict();
        QCOMPARE(found.firstBad, std::int64_t(row));
        QVERIFY(found.reason.find("Row " + std::to_string(row) + " ") == 0);
    }

    void withAnotherKeyNothingFits() { QCOMPARE(verdict(std::string(32, 'x')).firstBad, std::int64_t(1)); }

    void rowsOfBeforeTheChainAreCoveredByTheFirstLink()
    {
        tamper("UPDATE audit SET chain = ''; UPDATE control_plane SET audit_head = ''");
        QCOMPARE(verdict(), (AuditVerdict{20, 0, {}}));
        write(21, 22);
        QCOMPARE(verdict(), (AuditVerdict{22, 0, {}}));
        tamper("UPDATE audit SET actor = 'nobody' WHERE sequence = 3");
        QCOMPARE(verdict().firstBad, std::int64_t(21));
    }

private:
    void write(int first, int last) const
    {
        auto store = Store::open(m_file, key);
        Transaction transaction;
        for (int number = first; number <= last; ++number)
            transaction.audit.push_back(recordOf(number));
        QVERIFY(store && (*store)->commit(transaction));
    }

    AuditVerdict verdict(const std::string& with = key) const
    {
        return Store::verifyAudit(m_file, with).value_or(AuditVerdict{-1, -1, "cannot be read"});
    }

    // As somebody would who can write the file.
    void tamper(const QString& statements) const
    {
        auto connection = StoreConnection::open(m_file, StoreConnection::Access::ReadWrite);
        QVERIFY(connection);
        for (const char* trigger : {"audit_is_not_changed", "audit_is_not_shortened"})
            QVERIFY((*connection)->run(QStringLiteral("DROP TRIGGER IF EXISTS %1").arg(trigger)));
        for (const QString& statement : statements.split(QStringLiteral("; ")))
            QVERIFY2((*connection)->run(statement), qPrintable(statement));
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::string m_file;
};

QTEST_GUILESS_MAIN(AuditChainTest)
#include "audit_chain_test.moc"
