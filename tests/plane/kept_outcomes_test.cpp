#include "core/store/store.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QtTest/QTest>

using namespace headgate;

namespace {

constexpr TimePoint noon = fromEpochMs(1'800'000'000'000);

OnceKey keyOf(const std::string& key, const std::string& account = "admin")
{
    return {account, key, "of " + key};
}

CommandOutcome outcomeOf(std::uint64_t version)
{
    CommandOutcome outcome;
    outcome.version = version;
    outcome.effects = {"3 nodes start in eu-west-1."};
    return outcome;
}

}  // namespace

class KeptOutcomesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        auto store = Store::open(file().toStdString());
        QVERIFY(store.has_value());
        m_store = std::move(*store);
    }
    void cleanup() { m_store.reset(); }

    void theyAreThereForADay()
    {
        QVERIFY(!find("k", noon)->has_value());
        QVERIFY(keep("k", 7, noon));
        const auto kept = find("k", noon + OnceKey::lifetime - Duration(1));
        QVERIFY(kept->has_value());
        QVERIFY((*kept)->outcome == outcomeOf(7));
        QCOMPARE((*kept)->fingerprint, std::string("of k"));
        QVERIFY(!m_store->findOutcome(keyOf("k", "somebody"), noon)->has_value());
        QVERIFY(!find("k", noon + OnceKey::lifetime)->has_value());
        QVERIFY(keep("k", 8, noon + OnceKey::lifetime));
        QVERIFY((*find("k", noon + OnceKey::lifetime))->outcome == outcomeOf(8));
    }

    void thereIsAnEndToThem()
    {
        constexpr int ofOne = KeptOutcome::most / 10 * 9;
        fill(1, ofOne - 1, "admin");
        QVERIFY(!find("k", noon)->has_value());
        fill(ofOne, ofOne, "admin");
        QCOMPARE(find("k", noon).error().code, ErrorCode::ResourceExhausted);
        // There is room for others.
        QVERIFY(m_store->findOutcome(keyOf("k", "somebody"), noon).has_value());
        fill(ofOne + 1, KeptOutcome::most, "other");
        QVERIFY(!m_store->findOutcome(keyOf("k", "somebody"), noon).has_value());
        const auto full = find("k", noon);
        QVERIFY(!full);
        QCOMPARE(full.error().code, ErrorCode::ResourceExhausted);
        // A day later they count no more, though not all are removed at once.
        QVERIFY(!find("k", noon + OnceKey::lifetime)->has_value());
        QVERIFY(keep("k", 1, noon + OnceKey::lifetime));
        QVERIFY(find("k", noon + OnceKey::lifetime)->has_value());
    }

private:
    void fill(int first, int last, const char* account)
    {
        {
            QSqlDatabase database = QSqlDatabase::addDatabase("QSQLITE", "filler");
            database.setDatabaseName(file());
            QVERIFY(database.open());
            QSqlQuery query(database);
            QVERIFY(
                query.exec(QString("WITH RECURSIVE n(i) AS (SELECT %1 UNION ALL SELECT i + 1 FROM n WHERE i < %2) "
                                   "INSERT INTO kept_outcome (account, idempotency_key, fingerprint, kept_at, outcome) "
                                   "SELECT '%3', 'f' || i, '', %4, '{}' FROM n")
                               .arg(first)
                               .arg(last)
                               .arg(QString::fromLatin1(account))
                               .arg(toEpochMs(noon))));
            database.close();
        }
        QSqlDatabase::removeDatabase("filler");
    }

    QString file() const { return m_directory->filePath("store.sqlite"); }

    Result<std::optional<KeptOutcome>> find(const std::string& key, TimePoint now)
    {
        return m_store->findOutcome(keyOf(key), now);
    }

    bool keep(const std::string& key, std::uint64_t version, TimePoint at)
    {
        return m_store->commit({}, OutcomeToKeep{keyOf(key), outcomeOf(version), at}).has_value();
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<Store> m_store;
};

QTEST_GUILESS_MAIN(KeptOutcomesTest)
#include "kept_outcomes_test.moc"
