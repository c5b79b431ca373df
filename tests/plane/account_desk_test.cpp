#include "core/plane/account_desk.h"
#include "core/plane/control_plane.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/plane_parts.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <algorithm>
#include <optional>

using namespace headgate;
using native::UserSummary;

namespace {

constexpr int patienceMs = 30'000;
constexpr const char* goodPassword = "three random words";

template <typename T, typename Start>
Result<T> ask(const Start& start)
{
    const auto answer = std::make_shared<std::optional<Result<T>>>();
    start([answer](Result<T> result) { *answer = std::move(result); });
    if (!QTest::qWaitFor([&] { return answer->has_value(); }, patienceMs))
        return fail(ErrorCode::Internal, "No answer came.");
    return **answer;
}

template <typename Start>
Result<CommandOutcome> change(const Start& start)
{
    return ask<CommandOutcome>(start);
}

}  // namespace

// Users, tokens and usage as a console has them, of the cluster of this machine and of one elsewhere; and sessions that
// go on.
class AccountDeskTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        ApiOptions options;
        options.tokenLifetimes.access = m_accessLifetime;
        m_fixture = std::make_unique<test::ApiFixture>(options);
        QVERIFY(m_fixture->isUp() && m_fixture->addAccount("admin"));
    }
    void cleanup() { m_fixture.reset(); }

    void usersAreMadeChangedAndDeleted_data() { bothSides(); }
    void usersAreMadeChangedAndDeleted()
    {
        const auto plane = connected();
        AccountDesk& desk = plane->accounts();
        QVERIFY(change([&](auto done) {
                    desk.createUser({"carl", goodPassword, AccountRole::Operator, {}}, done);
                }).has_value());
        const auto again = change([&](auto done) {
            desk.createUser({"carl", goodPassword, AccountRole::Viewer, {}}, done);
        });
        QCOMPARE(again.error().code, ErrorCode::AlreadyExists);
        QCOMPARE(again.error().pointer, std::string("/name"));
        const auto shortOne = change([&](auto done) {
            desk.createUser({"dora", "short", AccountRole::Viewer, {}}, done);
        });
        QCOMPARE(shortOne.error().pointer, std::string("/password"));
        QVERIFY(user(desk, "carl").role == AccountRole::Operator);
        const std::uint64_t version = user(desk, "carl").version;
        const ChangeRights more{AccountRole::Scheduler, {}};
        QVERIFY(change([&](auto done) { desk.changeRights("carl", more, version, done); }).has_value());
        QVERIFY(user(desk, "carl").role == AccountRole::Scheduler);
        const auto stale = change([&](auto done) { desk.changeRights("carl", more, version, done); });
        QCOMPARE(stale.error().code, ErrorCode::VersionMismatch);
        QVERIFY(change([&](auto done) { desk.setPassword("carl", "another good one", done); }).has_value());
        QCOMPARE(change([&](auto done) { desk.deleteUser("carl", version, done); }).error().code,
                 ErrorCode::VersionMismatch);
        const std::uint64_t newest = user(desk, "carl").version;
        QVERIFY(change([&](auto done) { desk.deleteUser("carl", newest, done); }).has_value());
        QVERIFY(user(desk, "carl").name.empty());
    }

    void theLastAdminStays_data() { bothSides(); }
    void theLastAdminStays()
    {
        const auto plane = connected();
        AccountDesk& desk = plane->accounts();
        const std::uint64_t version = user(desk, "admin").version;
        const auto less = change([&](auto done) {
            desk.changeRights("admin", {AccountRole::Viewer, {}}, version, done);
        });
        QCOMPARE(less.error().code, ErrorCode::Conflict);
        const auto gone = change([&](auto done) { desk.deleteUser("admin", version, done); });
        QCOMPARE(gone.error().code, ErrorCode::Conflict);
    }

    void whoIsDisabledIsSignedOut()
    {
        QVERIFY(m_fixture->addAccount("finn", AccountRole::Operator));
        const auto theirs = connectedWith(credentials("finn"));
        const auto mine = connectedWith(credentials("admin"));
        AccountDesk& desk = mine->accounts();
        const auto turn = [&](AccountState state) {
            const std::uint64_t version = user(desk, "finn").version;
            return change([&](auto done) { desk.changeState("finn", state, version, done); });
        };
        QVERIFY(turn(AccountState::Disabled).has_value());
        QVERIFY(user(desk, "finn").state == AccountState::Disabled);
        QVERIFY(!ask<UserSummary>([&](auto done) { theirs->accounts().readProfile(done); }));
        QVERIFY(hasState(*theirs, LinkState::SignedOut));
        QCOMPARE(turn(AccountState::Disabled).error().code, ErrorCode::Conflict);
        QVERIFY(turn(AccountState::Enabled).has_value());
        QVERIFY(user(desk, "finn").state == AccountState::Enabled);
    }

    void whoIsDeletedIsSignedOut()
    {
        QVERIFY(m_fixture->addAccount("eve", AccountRole::Operator));
        const auto plane = connectedWith(credentials("eve"));
        const auto host = makeLocalControlPlane(m_fixture->host());
        AccountDesk& desk = host->accounts();
        const std::uint64_t version = user(desk, "eve").version;
        QVERIFY(change([&](auto done) { desk.deleteUser("eve", version, done); }).has_value());
        QVERIFY(!ask<UserSummary>([&](auto done) { plane->accounts().readProfile(done); }));
        QVERIFY(hasState(*plane, LinkState::SignedOut));
    }

    void onesOwnIsKeptElsewhere()
    {
        const auto plane = connectedWith(credentials("admin"));
        AccountDesk& desk = plane->accounts();
        const auto profile = ask<UserSummary>([&](auto done) { desk.readProfile(done); });
        QVERIFY(profile.has_value());
        QCOMPARE(profile->name, std::string("admin"));
        const auto made = ask<MadeToken>([&](auto done) {
            desk.createToken({"backup", AccountRole::Viewer, {}}, done);
        });
        QVERIFY(made.has_value() && made->secret.starts_with("hgp_") && made->token.name == "backup");
        const auto tokens = ask<std::vector<PersonalToken>>([&](auto done) { desk.listTokens(done); });
        QVERIFY(tokens.has_value() && tokens->size() == 1 && tokens->front().id == made->token.id);
        QVERIFY(tokens->front().digest.empty());
        QVERIFY(change([&](auto done) { desk.revokeToken(made->token.id, done); }).has_value());
        QCOMPARE(change([&](auto done) { desk.revokeToken(made->token.id, done); }).error().code, ErrorCode::NotFound);
        const auto wrong = change([&](auto done) {
            desk.changeOwnPassword({"a new password of mine", "not the old one"}, done);
        });
        QCOMPARE(wrong.error().code, ErrorCode::PermissionDenied);
        QCOMPARE(wrong.error().pointer, std::string("/oldPassword"));
        QVERIFY(change([&](auto done) {
                    desk.changeOwnPassword({"a new password of mine", test::ApiFixture::password()}, done);
                }).has_value());
        QVERIFY(ask<UserSummary>([&](auto done) { desk.readProfile(done); }).has_value());
    }

    void nobodySignsInToThisMachine()
    {
        const auto plane = makeLocalControlPlane(m_fixture->host());
        const auto profile = ask<UserSummary>([&](auto done) { plane->accounts().readProfile(done); });
        QCOMPARE(profile.error().code, ErrorCode::Unsupported);
        QVERIFY(!profile.error().remedy.empty());
    }

    void manyUsersComePageByPage()
    {
        const auto local = makeLocalControlPlane(m_fixture->host());
        constexpr int extra = 120;
        for (int i = 0; i < extra; ++i) {
            Account account;
            account.name = "user" + std::to_string(i);
            account.passwordHash = "$argon2id$none";
            QVERIFY(test::submitAndWait(m_fixture->host(), test::requestOf(PutAccount{account})).has_value());
        }
        const auto plane = connectedWith(credentials("admin"));
        const auto users = ask<std::vector<UserSummary>>([&](auto done) { plane->accounts().listUsers(done); });
        QVERIFY(users.has_value());
        QCOMPARE(users->size(), std::size_t(extra + 1));
    }

    void aSessionGoesOnByItself()
    {
        m_accessLifetime = std::chrono::seconds(3);
        cleanup();
        init();
        const auto first = credentials("admin");
        QCOMPARE(first.accessFor, m_accessLifetime);
        const auto plane = connectedWith(first);
        QSignalSpy links(plane.get(), &ControlPlane::linkChanged);
        const auto isOver = [&] {
            return test::call(m_fixture->port(), "GET", "/api/v1/profile",
                              {{"Authorization", "Bearer " + first.access}})
                       .status == 401;
        };
        QVERIFY(QTest::qWaitFor(isOver, patienceMs));
        const std::uint64_t seen = plane->snapshot()->sequence;
        QVERIFY(QTest::qWaitFor([&] { return plane->snapshot()->sequence > seen; }, patienceMs));
        QVERIFY(ask<UserSummary>([&](auto done) { plane->accounts().readProfile(done); }).has_value());
        QVERIFY(plane->link().state == LinkState::Connected);
        QCOMPARE(links.count(), 0);
        m_accessLifetime = TokenLifetimes().access;
    }

    void aCallAfterTheEndRenewsOnceForAll()
    {
        auto late = credentials("admin");
        late.access += "x";
        const auto plane = makeRemoteControlPlane({url(), late});
        int answers = 0;
        for (int i = 0; i < 5; ++i)
            plane->accounts().readProfile([&](const Result<UserSummary>& profile) { answers += profile ? 1 : 0; });
        QVERIFY(QTest::qWaitFor([&] { return answers == 5; }, patienceMs));
        QVERIFY(hasState(*plane, LinkState::Connected));
    }

    void aSessionThatWasEndedIsSignedOut()
    {
        auto ended = credentials("admin");
        const auto plane = connectedWith(ended);
        QCOMPARE(test::call(m_fixture->port(), "DELETE", "/api/v1/sessions/current",
                            {{"Authorization", "Bearer " + ended.access}})
                     .status,
                 200);
        QVERIFY(!ask<UserSummary>([&](auto done) { plane->accounts().readProfile(done); }));
        QVERIFY(hasState(*plane, LinkState::SignedOut));
    }

    void usageIsToldAndBounded_data() { bothSides(); }
    void usageIsToldAndBounded()
    {
        const auto plane = connected();
        const UsageDay today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
        const auto report = ask<UsageReport>([&](auto done) { plane->readUsage({today, today}, done); });
        QVERIFY(report.has_value());
        QVERIFY(report->rows.empty());
        const auto tooMuch = ask<UsageReport>([&](auto done) {
            plane->readUsage({today - std::chrono::days(500), today}, done);
        });
        QCOMPARE(tooMuch.error().code, ErrorCode::InvalidArgument);
    }

private:
    static void bothSides()
    {
        QTest::addColumn<bool>("isRemote");
        QTest::newRow("local") << false;
        QTest::newRow("remote") << true;
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_fixture->port()); }

    static bool hasState(const ControlPlane& plane, LinkState state)
    {
        return QTest::qWaitFor([&] { return plane.link().state == state; }, patienceMs);
    }

    SessionCredentials credentials(const std::string& name)
    {
        const auto signedIn = ask<SessionCredentials>(
            [&](auto done) { signIn(this, {url()}, name, test::ApiFixture::password(), done); });
        if (!signedIn)
            qFatal("no sign-in: %s", signedIn.error().message.c_str());
        return *signedIn;
    }

    std::unique_ptr<ControlPlane> connectedWith(const SessionCredentials& session) const
    {
        auto plane = makeRemoteControlPlane({url(), session});
        if (!hasState(*plane, LinkState::Connected))
            qFatal("no connection: %s", plane->link().error.message.c_str());
        return plane;
    }

    std::unique_ptr<ControlPlane> connected()
    {
        const bool isRemote = QByteArray(QTest::currentDataTag()) == "remote";
        return isRemote ? connectedWith(credentials("admin")) : makeLocalControlPlane(m_fixture->host());
    }

    static UserSummary user(AccountDesk& desk, const std::string& name)
    {
        const auto users = ask<std::vector<UserSummary>>([&](auto done) { desk.listUsers(done); });
        if (!users)
            qFatal("no users: %s", users.error().message.c_str());
        const auto found = std::ranges::find(*users, name, &UserSummary::name);
        return found == users->end() ? UserSummary() : *found;
    }

    std::chrono::seconds m_accessLifetime = TokenLifetimes().access;
    std::unique_ptr<test::ApiFixture> m_fixture;
};

QTEST_GUILESS_MAIN(AccountDeskTest)
#include "account_desk_test.moc"
