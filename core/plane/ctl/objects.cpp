#include "core/plane/ctl/objects.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/outcome.h"
#include "core/plane/ctl/table.h"
#include "core/plane/ctl/yaml.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_query.h"
#include "core/wire/provision_document.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <algorithm>
#include <array>
#include <ostream>

namespace headgate::ctl {
namespace {

using native::Route;
using nlohmann::json;

struct ObjectKind
{
    std::string_view word;
    Route read;
    std::optional<Route> patch;
    std::string_view member;  // of what is read, that holds the document
    PlanItemKind item = PlanItemKind::Schedule;
};

constexpr auto kinds = std::to_array<ObjectKind>({
    {"node-group", Route::ReadNodeGroup, Route::PatchNodeGroup, "group"},
    {"node-image", Route::ReadNodeImage, Route::PatchNodeImage, "image"},
    {"node", Route::ReadNode, std::nullopt, "node"},
    {"region", Route::ReadRegion, Route::PatchRegion, "region"},
    {"deployment", Route::ReadDeployment, Route::PatchDeployment, "deployment"},
    {"schedule", Route::ReadPlanItem, Route::PatchPlanItem, "item", PlanItemKind::Schedule},
    {"overlay", Route::ReadPlanItem, Route::PatchPlanItem, "item", PlanItemKind::Overlay},
    {"exclusion-set", Route::ReadPlanItem, Route::PatchPlanItem, "item", PlanItemKind::ExclusionSet},
    {"limit", Route::ReadPlanItem, Route::PatchPlanItem, "item", PlanItemKind::Limit},
    {"configuration", Route::ReadPlanItem, Route::PatchPlanItem, "item", PlanItemKind::Configuration},
    {"provision", Route::ReadProvision, Route::PatchProvision, "provision"},
});

Outcome<const ObjectKind*> kindOf(const Desk& desk)
{
    const std::string& word = desk.arguments.words[0];
    const auto found = std::ranges::find(kinds, word, &ObjectKind::word);
    if (found != kinds.end())
        return &*found;
    return wrongUsage("There is no kind of object called \"" + word + "\".",
                      "headgatectl " + std::string(desk.arguments.subcommand->name) + " --help lists what there is.");
}

native::HttpCall callTo(Route route, const ObjectKind& kind, const std::string& name)
{
    return native::callTo(native::rowOf(route, kind.item), name);
}

// Makes the text editable and gives what it became; the file is in a directory that only its owner reads.
Outcome<std::string> edited(const std::string& text, const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray::fromStdString(text)) < 0)
        return wrongUsage(path.toStdString() + " cannot be written: " + file.errorString().toStdString() + ".");
    file.close();
    const QString fallback = qEnvironmentVariable("EDITOR", QStringLiteral("vi"));
    const QString editor = qEnvironmentVariable("VISUAL", fallback);
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.setInputChannelMode(QProcess::ForwardedInputChannel);
    process.start(QStringLiteral("/bin/sh"),
                  {QStringLiteral("-c"), editor + QStringLiteral(" \"$1\""), QStringLiteral("sh"), path});
    if (!process.waitForFinished(-1) || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return wrongUsage("The editor " + editor.toStdString() + " failed; nothing was changed.",
                          "Name another one in EDITOR.");
    return readFile(path.toStdString());
}

Outcome<json> editedDocument(const json& document, const QString& path)
{
    const auto text = edited(document.dump(2, ' ', false, json::error_handler_t::replace) + "\n", path);
    if (!text)
        return tl::unexpected(text.error());
    auto parsed = native::parse(*text);
    if (parsed && parsed->is_object())
        return std::move(*parsed);
    if (parsed)
        return wrongUsage("The document is no object any more; nothing was changed.");
    return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(parsed.error())});
}

Outcome<CommandOutcome> send(Session& session, const Desk& desk, native::HttpCall call)
{
    if (executionOf(desk.arguments) == Execution::DryRun)
        call.target += native::QueryText().add("dryRun", "true").text();
    const auto answer = session.callOnce(std::move(call));
    if (!answer)
        return tl::unexpected(answer.error());
    auto outcome = native::commandOutcomeFromJson(answer->body);
    if (!outcome)
        return tl::unexpected(Failure{ExitStatus::Refused, std::move(outcome.error())});
    return std::move(*outcome);
}

json changesOf(Session& session, std::string_view kind, const std::string& name)
{
    constexpr int mostLooked = 200;
    constexpr std::size_t mostShown = 10;
    const auto answer = session.get(native::callFor(AuditQuery{0, mostLooked, name, AuditTrail::Changes}));
    json changes = json::array();
    if (!answer)
        return changes;
    for (const json& record : answer->value("records", json::array())) {
        const bool isOfThis = record.value("object", "") == std::string(kind) + "/" + name;
        if (isOfThis && changes.size() < mostShown)
            changes.push_back(record);
    }
    return changes;
}

Outcome<void> describe(Session& session, const Desk& desk, std::string_view kind, const json& object)
{
    const json changes = changesOf(session, kind, desk.arguments.words[1]);
    std::string text = yamlText(object);
    if (!changes.empty()) {
        TextTable table({"AT", "BY", "WHAT"});
        for (const json& record : changes)
            table.addRow({at(record, "/at"), at(record, "/actor"), at(record, "/sentence")});
        text += "\nLatest changes\n" + table.text();
    }
    print(desk, json{{"object", object}, {"changes", changes}}, text);
    return {};
}

// What was done to a job was done to its provision.
Outcome<void> describeJob(Session& session, const Desk& desk)
{
    const std::string& name = desk.arguments.words[1];
    const auto key = native::provisionKeyOf(name);
    json jobs = json::array();
    if (key) {
        native::HttpCall call = native::callTo(Route::ListJobs);
        call.target += native::QueryText().add("nodeGroup", key->nodeGroup.value).add("id", key->guid).text();
        const auto body = session.get(call);
        if (!body)
            return tl::unexpected(body.error());
        jobs = body->value("jobs", json::array());
    }
    if (jobs.empty())
        return tl::unexpected(Failure{ExitStatus::Refused,
                                      {ErrorCode::NotFound,
                                       "There is no job \"" + name + "\".",
                                       "Write GROUP/ID, as headgatectl get jobs shows them.",
                                       {}}});
    return describe(session, desk, "provision", jobs.front());
}

}  // namespace

json mergePatchBetween(const json& before, const json& after)
{
    json patch = json::object();
    for (const auto& [key, value] : before.items()) {
        if (!after.contains(key))
            patch[key] = nullptr;
        else if (value.is_object() && after[key].is_object() && value != after[key])
            patch[key] = mergePatchBetween(value, after[key]);
        else if (value != after[key])
            patch[key] = after[key];
    }
    for (const auto& [key, value] : after.items()) {
        if (!before.contains(key))
            patch[key] = value;
    }
    return patch;
}

Outcome<void> runDescribe(Session& session, const Desk& desk)
{
    if (desk.arguments.words[0] == "job")
        return describeJob(session, desk);
    const auto kind = kindOf(desk);
    if (!kind)
        return tl::unexpected(kind.error());
    const auto object = session.get(callTo((*kind)->read, **kind, desk.arguments.words[1]));
    if (!object)
        return tl::unexpected(object.error());
    return describe(session, desk, (*kind)->word, *object);
}

Outcome<void> runEdit(Session& session, const Desk& desk)
{
    constexpr int mostAttempts = 5;
    const auto kind = kindOf(desk);
    if (!kind)
        return tl::unexpected(kind.error());
    const std::string& name = desk.arguments.words[1];
    if (!(*kind)->patch)
        return wrongUsage("A " + std::string((*kind)->word) + " has no document to edit.");
    const QTemporaryDir directory;
    const QString path = directory.filePath(QString::fromStdString(std::string((*kind)->word) + ".json"));
    const std::string title = "The " + std::string((*kind)->word) + " " + name;
    json kept = json::object();  // changes that somebody else was quicker than
    for (int attempt = 1;; ++attempt) {
        const auto read = session.call(callTo((*kind)->read, **kind, name));
        if (!read)
            return tl::unexpected(read.error());
        const json before = read->body.value(std::string((*kind)->member), json::object());
        json draft = before;
        draft.merge_patch(kept);
        const auto after = editedDocument(draft, path);
        if (!after)
            return tl::unexpected(after.error());
        kept = mergePatchBetween(before, *after);
        if (kept.empty()) {
            desk.notes << title << " stays as it is.\n";
            return {};
        }
        native::HttpCall call = callTo(*(*kind)->patch, **kind, name);
        const bool isInner = *(*kind)->patch == Route::PatchProvision;  // the document is a member of what is patched
        call.body = native::write(isInner ? json{{(*kind)->member, kept}} : kept);
        call.ifMatch = native::versionOfIfMatch(read->entityTag).value_or(std::nullopt);
        const auto outcome = send(session, desk, std::move(call));
        if (outcome) {
            printOutcome(desk, title + (outcome->isDryRun ? " would be changed." : " is changed."), *outcome);
            return {};
        }
        if (outcome.error().error.code != ErrorCode::VersionMismatch || attempt == mostAttempts)
            return tl::unexpected(outcome.error());
        desk.notes << "Somebody changed it meanwhile. Here it is again, with your changes in it.\n" << std::flush;
    }
}

}  // namespace headgate::ctl
