#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const std::string hash = "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA";

Account accountOf(const std::string& name, AccountRole role = AccountRole::Admin)
{
    return Account{name, hash, {}, role};
}

EditAccount edit(const std::string& name, AccountEdit what)
{
    return {name, std::move(what)};
}

ErrorCode codeOf(const Result<CommandOutcome>& outcome)
{
    return outcome ? ErrorCode::Internal : outcome.error().code;
}

}  // namespace

class AccountCommandsTest : public QObject
{
    Q_OBJECT

private:
    // As the rows have it.
    static const Account* find(const ScriptedWorld& world, const std::string& name)
    {
        const auto found = world.storedAccounts.find(name);
        return found == world.storedAccounts.end() ? nullptr : &found->second;
    }

    static AccountSession session(const ScriptedWorld& world, const std::string& id)
    {
        return {id, world.now(), world.now(), world.now() + 1h, 1, "127.0.0.1"};
    }

private Q_SLOTS:
    void theLastAdminOfEverythingStays()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(PutAccount{accountOf("anna")}).has_value());
        QCOMPARE(codeOf(world.submit(DeleteAccount{"anna"})), ErrorCode::Conflict);
        QCOMPARE(codeOf(world.submit(edit("anna", ChangeRights{AccountRole::Viewer, {}}))), ErrorCode::Conflict);
        QVERIFY(world.submit(CreateNodeGroup{makeGroup()}).has_value());
        Deployment cup;
        cup.name = "cup";
        QVERIFY(world.submit(CreateDeployment{cup, {}}).has_value());
        QCOMPARE(codeOf(world.submit(edit("anna", ChangeRights{AccountRole::Admin, {"cup"}}))), ErrorCode::Conflict);
        QVERIFY(world.submit(PutAccount{accountOf("bob")}).has_value());
        QVERIFY(world.submit(edit("anna", ChangeRights{AccountRole::Admin, {"cup", "cup"}})).has_value());
        QCOMPARE(find(world, "anna")->deployments, std::vector<std::string>{"cup"});
        QCOMPARE(codeOf(world.submit(DeleteAccount{"bob"})), ErrorCode::Conflict);
        QVERIFY(world.submit(DeleteAccount{"anna"}).has_value());
        QVERIFY(!find(world, "anna"));
        QCOMPARE(codeOf(world.submit(DeleteAccount{"anna"})), ErrorCode::NotFound);
    }

    void whoIsDisabledHasNoSessionsUntilEnabledAgain()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(PutAccount{accountOf("anna")}).has_value());
        const auto disabling = [](const std::string& name) {
            return edit(name, ChangeAccountState{AccountState::Disabled});
        };
        QCOMPARE(codeOf(world.submit(disabling("anna"))), ErrorCode::Conflict);
        QVERIFY(world.submit(PutAccount{accountOf("bob")}).has_value());
        QVERIFY(world.submit(edit("bob", OpenSession{session(world, "s")})).has_value());
        const std::uint64_t version = find(world, "bob")->version;
        QCOMPARE(codeOf(world.submit(disabling("bob"), version + 1)), ErrorCode::VersionMismatch);
        QVERIFY(world.submit(disabling("bob"), version).has_value());
        QVERIFY(find(world, "bob")->state == AccountState::Disabled && find(world, "bob")->sessions.empty());
        QCOMPARE(world.audit.back().verb, std::string("account.disable"));
        QCOMPARE(codeOf(world.submit(disabling("bob"))), ErrorCode::Conflict);
        QCOMPARE(codeOf(world.submit(edit("bob", OpenSession{session(world, "t")}))), ErrorCode::PermissionDenied);
        QCOMPARE(codeOf(world.submit(DeleteAccount{"anna"})), ErrorCode::Conflict);  // a disabled admin is none
        QVERIFY(world.submit(edit("bob", ChangeAccountState{AccountState::Enabled})).has_value());
        QVERIFY(world.submit(edit("bob", OpenSession{session(world, "u")})).has_value());
        QVERIFY(world.submit(disabling("anna")).has_value());
    }

    void rightsAreCheckedAndVersioned()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(PutAccount{accountOf("anna")}).has_value());
        QVERIFY(world.submit(PutAccount{accountOf("bob", AccountRole::Viewer)}).has_value());
        const std::uint64_t version = find(world, "bob")->version;
        const auto nowhere = world.submit(edit("bob", ChangeRights{AccountRole::Operator, {"nowhere"}}));
        QCOMPARE(nowhere.error().pointer, std::string("/deployments/0"));
        const Command promote = edit("bob", ChangeRights{AccountRole::Operator, {}});
        QCOMPARE(codeOf(world.submit(promote, version + 1)), ErrorCode::VersionMismatch);
        QCOMPARE(world.submit(promote, version)->version, version + 1);
        QCOMPARE(world.audit.back().verb, std::string("account.rights"));
        QVERIFY(world.audit.back().before.find("viewer") != std::string::npos);
        QVERIFY(world.audit.back().after.find("operator") != std::string::npos);
        QCOMPARE(codeOf(world.submit(edit("carl", EndSession{}))), ErrorCode::NotFound);
    }

    void aRefreshTokenIsUsedOnce()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(PutAccount{accountOf("anna")}).has_value());
        QVERIFY(world.submit(edit("anna", OpenSession{session(world, "s")})).has_value());
        const auto renew = [&](std::uint64_t generation) {
            return world.submit(edit("anna", RenewSession{"s", generation, world.now() + 2h, "::1"}));
        };
        QVERIFY(renew(1).has_value());
        QCOMPARE(codeOf(renew(1)), ErrorCode::Conflict);
        QVERIFY(renew(2).has_value());
        QCOMPARE(find(world, "anna")->sessions.front().generation, std::uint64_t(3));
        QCOMPARE(find(world, "anna")->sessions.front().address, std::string("::1"));
        const std::size_t before = world.audit.size();
        QVERIFY(world.submit(edit("anna", EndSession{"s", "Its refresh token was used twice."})).has_value());
        QCOMPARE(world.audit.size(), before + 1);
        QCOMPARE(codeOf(renew(3)), ErrorCode::NotFound);
    }

    void aNewPasswordEndsSessionsAndThereAreNeverTooMany()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(PutAccount{accountOf("anna")}).has_value());
        for (std::size_t i = 0; i < Account::mostSessions + 3; ++i)
            QVERIFY(world.submit(edit("anna", OpenSession{session(world, std::to_string(i))})).has_value());
        QCOMPARE(find(world, "anna")->sessions.size(), Account::mostSessions);
        QCOMPARE(find(world, "anna")->sessions.front().id, std::string("3"));
        QVERIFY(world.submit(edit("anna", ChangePassword{hash + "x", "5"})).has_value());
        QCOMPARE(find(world, "anna")->sessions.size(), std::size_t(1));
        QVERIFY(world.submit(PutAccount{accountOf("anna")}).has_value());
        QVERIFY(find(world, "anna")->sessions.empty());
        QCOMPARE(find(world, "anna")->role, AccountRole::Admin);
    }

    void tokensAreLimitedNamedAndRevoked()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(PutAccount{accountOf("anna")}).has_value());
        const auto add = [&](const std::string& id, const std::string& name) {
            return world.submit(edit("anna", AddPersonalToken{{id, name, "digest", AccountRole::Viewer, {}, {}, {}}}));
        };
        QCOMPARE(add("0", "").error().pointer, std::string("/name"));
        for (std::size_t i = 0; i < Account::mostTokens; ++i)
            QVERIFY(add(std::to_string(i), "ci").has_value());
        QCOMPARE(codeOf(add("x", "ci")), ErrorCode::ResourceExhausted);
        QVERIFY(world.submit(edit("anna", RevokePersonalToken{"7"})).has_value());
        QCOMPARE(codeOf(world.submit(edit("anna", RevokePersonalToken{"7"}))), ErrorCode::NotFound);
        QVERIFY(world.submit(edit("anna", NotePersonalTokenUse{"8"})).has_value());
        const auto used = std::ranges::find(find(world, "anna")->tokens, "8", &PersonalToken::id);
        QCOMPARE(used->lastUsedAt, world.now());
        for (const AuditRecord& record : world.audit)
            QVERIFY(record.sentence.find("digest") == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(AccountCommandsTest)
#include "account_commands_test.moc"
