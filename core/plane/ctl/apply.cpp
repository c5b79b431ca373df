#include "core/plane/ctl/apply.h"

#include "core/base/check.h"
#include "core/plane/ctl/get_plan.h"
#include "core/plane/ctl/outcome.h"
#include "core/plane/ctl/plan.h"
#include "core/plane/ctl/prompt.h"
#include "core/wire/native_codec.h"
#include "core/wire/node_group_document.h"
#include "core/wire/provision_document.h"
#include "core/wire/stream_manager_codec.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <charconv>
#include <ostream>

namespace headgate::ctl {
namespace {

using nlohmann::json;

// Native documents hold lists where those of Stream Manager hold objects keyed by name.
bool isStreamManagerDocument(const json& document)
{
    const auto isObject = [&](const char* member) { return document.contains(member) && document[member].is_object(); };
    return isObject("images") || isObject("roles") || document.contains("groups") || document.contains("subGroups");
}

Outcome<CreateNodeGroup> groupFrom(const json& document, const std::string& file)
{
    auto sent = document.is_object() && isStreamManagerDocument(document)
                    ? stream_manager::nodeGroupFromJson(document).map(
                          [](NodeGroup group) { return CreateNodeGroup{std::move(group)}; })
                    : native::newNodeGroupFromJson(document);
    if (!sent) {
        sent.error().message = file + ": " + sent.error().message;
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(sent.error())});
    }
    return std::move(*sent);
}

Outcome<json> documentIn(const std::string& file)
{
    const auto text = readFile(file);
    if (!text)
        return tl::unexpected(text.error());
    auto document = native::parse(*text);
    if (document)
        return std::move(*document);
    document.error().message = file + ": " + document.error().message;
    return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(document.error())});
}

// One document, a list of them, or what export writes.
Outcome<std::vector<CreateNodeGroup>> groupsIn(json documents, const std::string& file)
{
    if (documents.is_object() && documents.contains("nodeGroups"))
        documents = documents["nodeGroups"];
    if (!documents.is_array())
        documents = json::array({documents});
    std::vector<CreateNodeGroup> groups;
    for (const json& each : documents) {
        auto group = groupFrom(each, file);
        if (!group)
            return tl::unexpected(std::move(group.error()));
        groups.push_back(std::move(*group));
    }
    if (groups.empty())
        return wrongUsage(file + " holds no node group.");
    return groups;
}

struct Present
{
    json document;
    std::uint64_t version = 0;
};

// None if there is no such group.
Outcome<std::optional<Present>> presentGroup(Session& session, const NodeGroupName& name)
{
    auto body = session.get(native::callTo(native::Route::ReadNodeGroup, name.value));
    if (!body && body.error().error.code == ErrorCode::NotFound)
        return std::optional<Present>();
    if (!body)
        return tl::unexpected(std::move(body.error()));
    return std::optional(Present{body->value("group", json()), body->value("version", std::uint64_t(0))});
}

Outcome<Difference> applyOne(Session& session, const Desk& desk, const CreateNodeGroup& sent, Execution execution)
{
    const NodeGroup& group = sent.group;
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const auto present = presentGroup(session, group.name);
    if (!present)
        return tl::unexpected(present.error());
    const bool isDryRun = execution == Execution::DryRun;
    const std::string name = "Node group " + group.name.value;
    if (*present && !*ifMatch && (*present)->document == native::toJson(sent)) {
        CommandOutcome same;
        same.version = (*present)->version;
        same.isDryRun = isDryRun;
        printOutcome(desk, name + " is like that already.", same);
        return Difference::None;
    }
    // Without --if-match the version just read guards against a change in between.
    auto guard = *ifMatch;
    if (*present && !guard)
        guard = (*present)->version;
    const auto outcome = *present || *ifMatch ? session.submit(ReplaceNodeGroup{group, sent.plan}, execution, guard)
                                              : session.submit(sent, execution);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const std::string verb = *present ? "replaced" : "created";
    const std::string version = isDryRun ? "" : ", version " + std::to_string(outcome->version);
    printOutcome(desk, name + (isDryRun ? " would be " : " is ") + verb + version + ".", *outcome);
    return differenceIn(*outcome);
}

Outcome<Difference> applyGroups(Session& session, const Desk& desk, const Sheet& sheet)
{
    const auto groups = groupsIn(sheet.document, sheet.file);
    if (!groups)
        return tl::unexpected(groups.error());
    if (groups->size() > 1 && desk.arguments.has("if-match"))
        return wrongUsage("--if-match goes with one node group, and " + sheet.file + " holds several.");
    Difference difference = Difference::None;
    for (const CreateNodeGroup& group : *groups) {
        const auto applied = applyOne(session, desk, group, sheet.execution);
        if (!applied)
            return applied;
        if (*applied == Difference::Some)
            difference = Difference::Some;
    }
    return difference;
}

// With or without the version that it replaces.
Outcome<Difference> applyProvision(Session& session, const Desk& desk, const Sheet& sheet)
{
    auto sent = native::sentProvisionFromJson(sheet.document);
    if (!sent) {
        sent.error().message = sheet.file + ": " + sent.error().message;
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(sent.error())});
    }
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const std::string name = native::nameOf({sent->nodeGroup, sent->provision.guid});
    const auto present = session.get(native::callTo(native::Route::ReadProvision, name));
    const bool isThere = present || *ifMatch;
    if (!present && present.error().error.code != ErrorCode::NotFound)
        return tl::unexpected(present.error());
    const std::string title = "Provision " + name;
    if (present && !*ifMatch && (*present)["provision"] == json::parse(sent->provision.document)) {
        CommandOutcome same;
        same.isDryRun = sheet.execution == Execution::DryRun;
        printOutcome(desk, title + " is like that already.", same);
        return Difference::None;
    }
    const PutMode mode = isThere ? PutMode::Replace : PutMode::Create;
    const auto outcome =
        session.submit(PutProvisions{sent->nodeGroup, {std::move(sent->provision)}, mode}, sheet.execution, *ifMatch);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const std::string verb = isThere ? "replaced." : "created.";
    printOutcome(desk, title + (outcome->isDryRun ? " would be " : " is ") + verb, *outcome);
    return differenceIn(*outcome);
}

// In the order in which they need each other.
enum class SheetKind
{
    Region,
    NodeGroups,
    Plan,
    Deployment,
    Provision
};

SheetKind kindOf(const Sheet& sheet)
{
    const json& document = sheet.document;
    if (document.is_object() && document.contains("content"))
        return SheetKind::Deployment;
    if (document.is_object() && document.contains("provision"))
        return SheetKind::Provision;
    if (document.is_object() && document.contains("latitude"))
        return SheetKind::Region;
    return isPlanDocument(document) ? SheetKind::Plan : SheetKind::NodeGroups;
}

Outcome<Difference> applySheet(Session& session, const Desk& desk, const Sheet& sheet)
{
    switch (kindOf(sheet)) {
    case SheetKind::Deployment:
        return applyDeployment(session, desk, sheet);
    case SheetKind::Region:
        return applyRegion(session, desk, sheet);
    case SheetKind::Plan:
        return applyPlan(session, desk, sheet);
    case SheetKind::NodeGroups:
        return applyGroups(session, desk, sheet);
    case SheetKind::Provision:
        return applyProvision(session, desk, sheet);
    }
    unreachable();
}

// The file, or those of the directory.
Outcome<std::vector<Sheet>> sheetsIn(const Desk& desk)
{
    const auto name = desk.arguments.value("file");
    if (!name)
        return wrongUsage("The file to " + std::string(desk.arguments.subcommand->name) + " is missing.",
                          "Name it with -f FILE.");
    std::vector<std::string> files{*name};
    const QDir directory(QString::fromStdString(*name));
    if (*name != "-" && QFileInfo(directory.path()).isDir()) {
        files.clear();
        for (const QFileInfo& entry : directory.entryInfoList({QStringLiteral("*.json")}, QDir::Files, QDir::Name))
            files.push_back(entry.filePath().toStdString());
        if (files.empty())
            return wrongUsage("There is no *.json file in " + *name + ".");
        if (desk.arguments.has("if-match"))
            return wrongUsage("--if-match goes with one file, and " + *name + " is a directory.");
    }
    std::vector<Sheet> sheets;
    for (const std::string& file : files) {
        auto document = documentIn(file);
        if (!document)
            return tl::unexpected(std::move(document.error()));
        sheets.push_back({std::move(*document), file});
    }
    std::ranges::stable_sort(sheets, {}, kindOf);
    return sheets;
}

// What each would change. A plan or a deployment may need what an earlier one of them makes: then it is shown only
// when it is applied.
Outcome<Difference> showAll(Session& session, const Desk& desk, const std::vector<Sheet>& sheets)
{
    Difference difference = Difference::None;
    for (Sheet sheet : sheets) {
        sheet.execution = Execution::DryRun;
        const auto shown = applySheet(session, desk, sheet);
        const bool mayNeedOthers = kindOf(sheet) >= SheetKind::Plan && difference == Difference::Some;
        const bool isEarly = !shown && shown.error().status == ExitStatus::Refused && mayNeedOthers;
        if (!shown && !isEarly)
            return shown;
        if (isEarly)
            desk.notes << sheet.file << " cannot be shown yet: " << shown.error().error.message << "\n";
        if (isEarly || *shown == Difference::Some)
            difference = Difference::Some;
    }
    return difference;
}

std::optional<Command> deletionOf(const std::string& kind, const std::string& name)
{
    if (kind == "node-group")
        return DeleteNodeGroup{NodeGroupName(name)};
    if (kind == "node-image")
        return DeleteNodeImage{name};
    if (kind == "region")
        return DeleteRegion{name};
    if (kind == "deployment")
        return DeleteDeployment{name};
    if (kind == "provision") {
        auto key = native::provisionKeyOf(name);
        return key ? std::optional<Command>(DeleteProvision{std::move(*key)}) : std::nullopt;
    }
    const auto item = planItemKindOf(kind);
    return item ? std::optional<Command>(DeletePlanItem{{*item, name}}) : std::nullopt;
}

}  // namespace

Outcome<void> runApply(Session& session, const Desk& desk)
{
    auto sheets = sheetsIn(desk);
    if (!sheets)
        return tl::unexpected(sheets.error());
    const bool isDryRun = executionOf(desk.arguments) == Execution::DryRun;
    if (isDryRun || sheets->size() > 1) {
        const Desk shown{desk.arguments, desk.format, isDryRun ? desk.out : desk.notes, desk.notes};
        const auto difference = showAll(session, shown, *sheets);
        if (!difference)
            return tl::unexpected(difference.error());
        if (isDryRun)
            return {};
    }
    for (const Sheet& sheet : *sheets) {
        if (const auto applied = applySheet(session, desk, sheet); !applied)
            return tl::unexpected(applied.error());
    }
    return {};
}

Outcome<void> runDiff(Session& session, const Desk& desk)
{
    const auto sheets = sheetsIn(desk);
    if (!sheets)
        return tl::unexpected(sheets.error());
    const auto difference = showAll(session, desk, *sheets);
    if (!difference)
        return tl::unexpected(difference.error());
    if (*difference == Difference::None)
        return {};
    return tl::unexpected(Failure{
        ExitStatus::Differs, {ErrorCode::Conflict, "What is there differs.", "headgatectl apply makes it so.", {}}});
}

namespace {

Outcome<void> deleteRecording(Session& session, const Desk& desk, const std::string& name)
{
    if (desk.arguments.has("dry-run") || desk.arguments.has("if-match"))
        return wrongUsage("--dry-run and --if-match go with what has versions; a recording has none.");
    if (!desk.arguments.has("yes")) {
        const auto typed = ask("Type its name to delete it: ", "Use --yes to delete without asking.");
        if (!typed)
            return tl::unexpected(typed.error());
        if (*typed != name)
            return wrongUsage("That is another name; nothing was deleted.");
    }
    const auto deleted = session.call(native::callTo(native::Route::DeleteRecording, name));
    if (!deleted)
        return tl::unexpected(deleted.error());
    desk.notes << "The recording " << name << " is deleted.\n";
    return {};
}

}  // namespace

Outcome<void> runDelete(Session& session, const Desk& desk)
{
    const std::string& kind = desk.arguments.words[0];
    const std::string& name = desk.arguments.words[1];
    if (kind == "recording")
        return deleteRecording(session, desk, name);
    const auto command = deletionOf(kind, name);
    if (!command)
        return wrongUsage("\"" + kind + "\" cannot be deleted.", "headgatectl delete --help lists what can.");
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const std::string title = "The " + kind + " " + name;
    const bool isSure = desk.arguments.has("yes");
    if (desk.arguments.has("dry-run") || !isSure) {
        const auto preview = session.submit(*command, Execution::DryRun, *ifMatch);
        if (!preview)
            return tl::unexpected(preview.error());
        const Desk shown{desk.arguments, desk.format, desk.arguments.has("dry-run") ? desk.out : desk.notes,
                         desk.notes};
        printOutcome(shown, title + " would be deleted.", *preview);
        if (desk.arguments.has("dry-run"))
            return {};
        const auto typed = ask("Type its name to delete it: ", "Use --yes to delete without asking.");
        if (!typed)
            return tl::unexpected(typed.error());
        if (*typed != name)
            return wrongUsage("That is another name; nothing was deleted.");
    }
    const auto outcome = session.submit(*command, Execution::Commit, *ifMatch);
    if (!outcome)
        return tl::unexpected(outcome.error());
    printOutcome(desk, title + " is deleted.", *outcome);
    return {};
}

Outcome<void> runNodeCommand(Session& session, const Desk& desk)
{
    const NodeId node(desk.arguments.words[0]);
    const std::string_view name = desk.arguments.subcommand->name;
    if (desk.arguments.has("if-match"))
        return wrongUsage("--if-match goes with a deployment; a node has no version.");
    const auto deadline = secondsOf(desk.arguments, "deadline");
    if (!deadline)
        return tl::unexpected(deadline.error());
    Command command = DrainNode{node, *deadline};
    const char* committed = " is draining.";
    const char* previewed = " would be drained.";
    if (name == "undrain") {
        command = UndrainNode{node};
        committed = " is back in service.";
        previewed = " would be put back into service.";
    } else if (name == "stop") {
        command =
            StopNode{node, desk.arguments.has("cut-sessions") ? StopMode::CutSessions : StopMode::RefuseIfPublishing};
        committed = " is being ended.";
        previewed = " would be ended.";
    }
    const auto outcome = session.submit(command, executionOf(desk.arguments));
    if (!outcome)
        return tl::unexpected(outcome.error());
    printOutcome(desk, "Node " + node.value + (outcome->isDryRun ? previewed : committed), *outcome);
    return {};
}

Outcome<void> runDisconnect(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    auto stream = StreamKey::parse(words[1]);
    if (!stream)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(stream.error())});
    DisconnectViewer command{NodeId(words[0]), std::move(*stream), 0, {}};
    const char* const last = words[2].data() + words[2].size();
    const auto [end, error] = std::from_chars(words[2].data(), last, command.viewer);
    if (error != std::errc() || end != last || command.viewer == 0)
        return wrongUsage("\"" + words[2] + "\" is no number of a viewer.",
                          "headgatectl get stream " + words[1] + " lists them.");
    const auto outcome = session.submit(command, executionOf(desk.arguments));
    if (!outcome)
        return tl::unexpected(outcome.error());
    printOutcome(desk, "Viewer " + words[2] + (outcome->isDryRun ? " would be disconnected." : " was disconnected."),
                 *outcome);
    return {};
}

}  // namespace headgate::ctl
