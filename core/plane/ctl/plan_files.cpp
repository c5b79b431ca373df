#include "core/plane/ctl/plan_files.h"

#include "core/plan/plan_text.h"
#include "core/plane/ctl/migrate.h"
#include "core/plane/ctl/outcome.h"
#include "core/plane/zone_files.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_export.h"
#include "core/wire/plan_import.h"

#include <QSaveFile>

#include <ostream>

namespace headgate::ctl {
namespace {

using nlohmann::json;

constexpr std::chrono::days defaultWindows{366};

tl::unexpected<Failure> refused(Error error)
{
    return tl::unexpected(Failure{ExitStatus::Refused, std::move(error)});
}

// All that the control plane has, node groups included.
Outcome<PlanDocument> storedPlan(Session& session)
{
    native::HttpCall call = native::callTo(native::Route::ReadPlan);
    call.target += "?format=native";
    const auto body = session.get(call);
    if (!body)
        return tl::unexpected(body.error());
    auto document = native::planDocumentFromJson(*body);
    if (!document)
        return refused(std::move(document.error()));
    return std::move(*document);
}

Outcome<ExportOptions> exportOptions(const Arguments& arguments)
{
    const Instant now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    ExportOptions options{loadZoneFile, now, now, now + defaultWindows};
    for (const auto& [name, instant] : {std::pair("from", &options.from), std::pair("to", &options.to)}) {
        const auto text = arguments.value(name);
        if (!text)
            continue;
        const auto given = instantFromText(*text);
        if (!given)
            return tl::unexpected(Failure{ExitStatus::WrongUsage, given.error()});
        *instant = *given;
    }
    if (options.from >= options.to)
        return wrongUsage("--to is not after --from.");
    return options;
}

Outcome<void> writeResult(const Desk& desk, const std::string& text)
{
    const auto path = desk.arguments.value("output-file");
    if (!path || *path == "-") {
        desk.out << text;
        return {};
    }
    QSaveFile file(QString::fromStdString(*path));
    const auto size = static_cast<qint64>(text.size());
    if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), size) != size || !file.commit())
        return wrongUsage(*path + " cannot be written: " + file.errorString().toStdString() + ".");
    return {};
}

Outcome<void> exportGroup(Session& session, const Desk& desk, const std::string& name)
{
    const auto body = session.get(native::callTo(native::Route::ReadNodeGroup, name));
    if (!body)
        return tl::unexpected(body.error());
    return writeResult(desk, body->value("group", json()).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace

Outcome<PlanDocument> planOf(Session& session, const Arguments& arguments, const std::string& text)
{
    auto present = storedPlan(session);
    if (!present)
        return present;
    const NodeGroupName group(arguments.value("node-group").value_or("calendar"));
    auto document = planDocumentFromText(
        text, {loadZoneFile, group, std::move(*present), arguments.value("exclusion-set"), ianaZoneName});
    if (!document)
        return refused(std::move(document.error()));
    return std::move(*document);
}

std::string namesIn(const std::vector<FieldChange>& changes)
{
    std::string names;
    for (const FieldChange& change : changes) {
        const char* sign = change.before.empty() ? "+" : change.after.empty() ? "-" : "~";
        names += std::string("\n  ") + sign + " " + change.pointer.substr(change.pointer.empty() ? 0 : 1);
    }
    return names;
}

Outcome<void> runExport(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    if (!words.empty() && (words.size() != 2 || words[0] != "node-group"))
        return wrongUsage("It is headgatectl export [node-group NAME].");
    const auto format = planFormatFromWord(desk.arguments.value("format").value_or("native"));
    if (!format)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, format.error()});
    const auto options = exportOptions(desk.arguments);
    if (!options)
        return tl::unexpected(options.error());
    if (words.size() == 2)
        return exportGroup(session, desk, words[1]);
    const auto document = storedPlan(session);
    if (!document)
        return tl::unexpected(document.error());
    const auto made = exportPlan(*document, *format, *options);
    if (!made)
        return refused(made.error());
    for (const std::string& note : made->notes)
        desk.notes << "headgatectl: " << note << '\n';
    return writeResult(desk, made->text);
}

Outcome<void> runImport(Session& session, const Desk& desk)
{
    const auto file = desk.arguments.value("file");
    if (desk.arguments.has("from-stream-manager"))
        return file ? wrongUsage("It is either a file or a Stream Manager.") : runMigration(session, desk);
    if (!file)
        return wrongUsage("The file to import is missing.", "Name it with -f FILE.");
    const auto text = readFile(*file);
    if (!text)
        return tl::unexpected(text.error());
    auto document = planOf(session, desk.arguments, *text);
    if (!document)
        return tl::unexpected(document.error());
    auto outcome = session.submit(ImportPlan{std::move(*document)}, executionOf(desk.arguments));
    if (!outcome)
        return tl::unexpected(outcome.error());
    const std::string what = *file + (outcome->isDryRun ? " would be imported." : " is imported.");
    const std::string names = namesIn(outcome->changes);
    if (desk.format == Format::Table)
        outcome->changes.clear();
    printOutcome(desk, what + names, *outcome);
    return {};
}

}  // namespace headgate::ctl
