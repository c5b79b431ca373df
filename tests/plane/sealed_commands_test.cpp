#include "core/plane/seal.h"
#include "core/plane/sealed_commands.h"

#include <QTest>

using namespace headgate;

namespace {

const std::string key(32, 'k');

NodeGroup groupWith(const std::string& secret)
{
    NodeGroup group;
    group.name = NodeGroupName("small");
    group.access.digestSecret = secret;
    group.access.webhooks.secret = secret;
    group.recording.store.emplace().secretKey = secret;
    group.iceServers = {{"turn:relay.example", IceCredential::Rest, {}, secret}};
    return group;
}

Snapshot snapshotWith(const NodeGroup& group)
{
    Snapshot snapshot;
    snapshot.nodeGroups.emplace_back().group = group;
    return snapshot;
}

}  // namespace

class SealedCommandsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyCommandThatHasGroupsIsSealed()
    {
        const NodeGroup group = groupWith("whisper");
        ConfigurationOverlay overlay;
        overlay.configuration = group;
        PlanDocument document;
        document.nodeGroups = {group};
        document.configurations = {overlay};
        CreateNodeGroup create;
        create.group = group;
        ReplaceNodeGroup replace;
        replace.group = group;
        CreateDeployment deployment;
        deployment.content = document;
        std::vector<Command> commands{
            create, replace, CreatePlanItem{overlay}, ReplacePlanItem{overlay}, ImportPlan{document}, deployment};
        for (Command& command : commands) {
            QVERIFY(sealSecrets(command, key, Snapshot()));
            const auto isSealed = [](const NodeGroup& sealedGroup) {
                return opened(key, sealedGroup.access.digestSecret) == "whisper" &&
                       sealedGroup.access.digestSecret != sealedGroup.access.webhooks.secret &&
                       opened(key, sealedGroup.recording.store->secretKey) == "whisper" &&
                       opened(key, sealedGroup.iceServers[0].secret) == "whisper";
            };
            if (const auto* made = std::get_if<CreateNodeGroup>(&command))
                QVERIFY(isSealed(made->group));
            if (const auto* replaced = std::get_if<ReplaceNodeGroup>(&command))
                QVERIFY(isSealed(replaced->group));
            if (const auto* item = std::get_if<CreatePlanItem>(&command))
                QVERIFY(isSealed(std::get<ConfigurationOverlay>(item->item).configuration));
            if (const auto* item = std::get_if<ReplacePlanItem>(&command))
                QVERIFY(isSealed(std::get<ConfigurationOverlay>(item->item).configuration));
            if (const auto* plan = std::get_if<ImportPlan>(&command))
                QVERIFY(isSealed(plan->document.nodeGroups[0]) &&
                        isSealed(plan->document.configurations[0].configuration));
            if (const auto* made = std::get_if<CreateDeployment>(&command))
                QVERIFY(isSealed(made->content.nodeGroups[0]));
        }
    }

    void theSameSecretStaysAsItWasSealed()
    {
        ReplaceNodeGroup wish;
        wish.group = groupWith("whisper");
        Command first = wish;
        QVERIFY(sealSecrets(first, key, Snapshot()));
        const NodeGroup kept = std::get<ReplaceNodeGroup>(first).group;
        for (const NodeGroup& sent : {kept, groupWith("whisper")}) {
            wish.group = sent;
            Command again = wish;
            QVERIFY(sealSecrets(again, key, snapshotWith(kept)));
            QVERIFY(std::get<ReplaceNodeGroup>(again).group == kept);
        }
        wish.group = groupWith("other");
        Command changed = wish;
        QVERIFY(sealSecrets(changed, key, snapshotWith(kept)));
        const NodeGroup& stored = std::get<ReplaceNodeGroup>(changed).group;
        QVERIFY(withOpenSecrets(stored.access, key).digestSecret == "other");
        QVERIFY(withOpenSecrets(stored.recording, key).store->secretKey == "other");
        QVERIFY(withOpenSecrets(stored.iceServers, key)[0].secret == "other");
    }

    void whatAnotherKeySealedIsRefused()
    {
        ReplaceNodeGroup wish;
        wish.group = groupWith(sealed(std::string(32, 'x'), "whisper"));
        Command command = wish;
        const auto done = sealSecrets(command, key, Snapshot());
        QVERIFY(!done);
        QVERIFY(done.error().code == ErrorCode::InvalidArgument && done.error().pointer.starts_with("/access/"));
        QCOMPARE(withOpenSecrets(wish.group.access, key).digestSecret, std::string());
    }
};

QTEST_GUILESS_MAIN(SealedCommandsTest)
#include "sealed_commands_test.moc"
