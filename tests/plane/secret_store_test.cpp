#include "core/plane/secret_store.h"
#include "tests/support/keyring_session.h"

#include <QDir>
#include <QTest>

#include <optional>

using namespace headgate;

namespace {

constexpr int patience = 20'000;

template <typename T>
T awaited(const std::optional<T>& answer, T otherwise)
{
    return QTest::qWaitFor([&answer] { return answer.has_value(); }, patience) ? *answer : otherwise;
}

SecretStoreStatus probeOf(SecretStore& store)
{
    std::optional<SecretStoreStatus> found;
    store.probe([&found](const SecretStoreStatus& status) { found = status; });
    return awaited(found, SecretStoreStatus{SecretStoreState::Unavailable, {}});
}

std::optional<SecretKept> write(SecretStore& store, const QString& key, const QString& secret)
{
    std::optional<SecretKept> kept;
    store.write(key, secret, [&kept](SecretKept where, const SecretStoreStatus&) { kept = where; });
    return QTest::qWaitFor([&kept] { return kept.has_value(); }, patience) ? kept : std::nullopt;
}

QString readOf(SecretStore& store, const QString& key)
{
    std::optional<QString> secret;
    store.read(key, [&secret](const QString& found) { secret = found; });
    return awaited(secret, QStringLiteral("no answer"));
}

}  // namespace

class NoKeychainTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isSaid()
    {
        SecretStore store("headgate-test");
        const SecretStoreStatus status = probeOf(store);
        QVERIFY(status.state == SecretStoreState::Unavailable);
        QVERIFY(!status.reason.isEmpty());
    }

    void secretIsKeptForThisRunOnly()
    {
        {
            SecretStore store("headgate-test");
            QVERIFY(write(store, "http://there|anna", "only in memory") == SecretKept::ForThisRun);
            QCOMPARE(readOf(store, "http://there|anna"), QString("only in memory"));
            store.forget("http://there|anna");
            QCOMPARE(readOf(store, "http://there|anna"), QString());
            QVERIFY(write(store, "http://there|anna", "only in memory") == SecretKept::ForThisRun);
        }
        SecretStore next("headgate-test");
        QCOMPARE(readOf(next, "http://there|anna"), QString());
        QVERIFY(!test::isInFiles(QDir::homePath(), "only in memory"));
    }
};

class OpenKeyringTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isAvailable()
    {
        SecretStore store("headgate-test");
        const SecretStoreStatus status = probeOf(store);
        QVERIFY2(status.state == SecretStoreState::Available, qPrintable(status.reason));
    }

    void secretOutlivesTheStore()
    {
        {
            SecretStore store("headgate-test");
            QVERIFY(write(store, "http://there|anna", "kept by the keyring") == SecretKept::InKeychain);
        }
        SecretStore next("headgate-test");
        QCOMPARE(readOf(next, "http://there|anna"), QString("kept by the keyring"));
        QCOMPARE(readOf(next, "http://there|bert"), QString());
        QVERIFY2(!test::isInFiles(QDir::homePath(), "kept by the keyring"), "the keyring encrypts it");
    }

    void secretCanBeReplacedAndForgotten()
    {
        SecretStore store("headgate-test");
        QVERIFY(write(store, "http://there|anna", "a newer one") == SecretKept::InKeychain);
        {
            SecretStore next("headgate-test");
            QCOMPARE(readOf(next, "http://there|anna"), QString("a newer one"));
        }
        store.forget("http://there|anna");
        QTRY_COMPARE_WITH_TIMEOUT(readOf(store, "http://there|anna"), QString(), patience);
    }

    void probeLeavesNothingBehind()
    {
        SecretStore store("headgate-test");
        QVERIFY(probeOf(store).state == SecretStoreState::Available);
        QTRY_COMPARE_WITH_TIMEOUT(readOf(store, "headgate-probe"), QString(), patience);
    }
};

class LockedKeyringTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isToldFromAbsent()
    {
        SecretStore store("headgate-test");
        const SecretStoreStatus status = probeOf(store);
        QVERIFY2(status.state == SecretStoreState::Locked, qPrintable(status.reason));
    }

    void secretIsKeptForThisRunOnly()
    {
        SecretStore store("headgate-test");
        QVERIFY(write(store, "http://there|anna", "not into a locked one") == SecretKept::ForThisRun);
        QCOMPARE(readOf(store, "http://there|anna"), QString("not into a locked one"));
    }
};

int main(int argc, char** argv)
{
    return test::runInEach<NoKeychainTest, OpenKeyringTest, LockedKeyringTest>(argc, argv);
}

#include "secret_store_test.moc"
