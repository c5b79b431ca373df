#include "core/plane/ctl/plan.h"

#include "core/plane/ctl/outcome.h"
#include "core/wire/deployment_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/provision_document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace headgate::ctl {
namespace {

using nlohmann::json;

Outcome<std::optional<int>> numberOption(const Arguments& arguments, const std::string& name)
{
    const auto text = arguments.value(name);
    if (!text)
        return std::optional<int>();
    int number = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number);
    if (error != std::errc() || end != last || number < 0)
        return wrongUsage("--" + name + " " + *text + " is no number of nodes.");
    return std::optional(number);
}

// "GROUP/SUBGROUP/ROLE", the latter parts may be left out.
Outcome<PlanScope> scopeOf(const std::string& text)
{
    std::array<std::string, 3> parts;
    std::size_t count = 0, start = 0;
    while (count < parts.size()) {
        const auto slash = std::min(text.find('/', start), text.size());
        parts[count++] = text.substr(start, slash - start);
        start = slash + 1;
        if (slash == text.size())
            return PlanScope{NodeGroupName(parts[0]), parts[1], parts[2]};
    }
    return wrongUsage("\"" + text + "\" is no place to scale.", "Write GROUP, GROUP/SUBGROUP or GROUP/SUBGROUP/ROLE.");
}

}  // namespace

bool isPlanDocument(const json& document)
{
    constexpr std::array lists = {"schedules", "overlays", "exclusions", "limits", "configurations"};
    // Documents of Stream Manager have schedules too, as an object.
    const auto hasList = [&](const char* list) { return document.contains(list) && document[list].is_array(); };
    return document.is_object() && !document.contains("cloudPlatform") && std::ranges::any_of(lists, hasList);
}

Difference differenceIn(const CommandOutcome& outcome)
{
    return outcome.changes.empty() ? Difference::None : Difference::Some;
}

Outcome<Difference> applyPlan(Session& session, const Desk& desk, const Sheet& sheet)
{
    auto plan = native::planDocumentFromJson(sheet.document);
    if (!plan) {
        plan.error().message = sheet.file + ": " + plan.error().message;
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(plan.error())});
    }
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const auto outcome = session.submit(ImportPlan{std::move(*plan)}, sheet.execution, *ifMatch);
    if (!outcome)
        return tl::unexpected(outcome.error());
    printOutcome(desk,
                 outcome->isDryRun ? "The plan would be imported."
                                   : "The plan is imported, revision " + std::to_string(outcome->version) + ".",
                 *outcome);
    return differenceIn(*outcome);
}

Outcome<Difference> applyDeployment(Session& session, const Desk& desk, const Sheet& sheet)
{
    if (desk.arguments.has("if-match"))
        return wrongUsage("--if-match does not go with a deployment, which is created.");
    auto command = native::newDeploymentFromJson(sheet.document);
    if (!command) {
        command.error().message = sheet.file + ": " + command.error().message;
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(command.error())});
    }
    const auto outcome = session.submit(*command, sheet.execution);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const char* verb = outcome->isDryRun ? " would be created." : " is created.";
    printOutcome(desk, "Deployment " + command->deployment.name + verb, *outcome);
    return differenceIn(*outcome);
}

Outcome<Difference> applyRegion(Session& session, const Desk& desk, const Sheet& sheet)
{
    auto region = native::regionFromJson(sheet.document);
    if (!region) {
        region.error().message = sheet.file + ": " + region.error().message;
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(region.error())});
    }
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const auto outcome = session.submit(PutRegion{*region}, sheet.execution, *ifMatch);
    if (!outcome)
        return tl::unexpected(outcome.error());
    printOutcome(desk, "Region " + region->name + (outcome->isDryRun ? " would be put." : " is put."), *outcome);
    return differenceIn(*outcome);
}

Outcome<void> runSet(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    if (words[0] != "default-region")
        return wrongUsage("\"" + words[0] + "\" cannot be set.", "It is headgatectl set default-region [NAME].");
    const std::string name = words.size() > 1 ? words[1] : "";
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const auto outcome = session.submit(SetDefaultRegion{name}, executionOf(desk.arguments), *ifMatch);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const std::string subject = name.empty() ? "No region" : "Region " + name;
    printOutcome(desk, subject + (outcome->isDryRun ? " would be" : " is") + " the default.", *outcome);
    return {};
}

Outcome<void> runScale(Session& session, const Desk& desk)
{
    const auto place = scopeOf(desk.arguments.words[0]);
    if (!place)
        return tl::unexpected(place.error());
    const auto min = numberOption(desk.arguments, "min");
    const auto max = numberOption(desk.arguments, "max");
    const auto length = secondsOf(desk.arguments, "for");
    if (!min || !max)
        return tl::unexpected(min ? max.error() : min.error());
    if (!length)
        return tl::unexpected(length.error());
    if (!*min)
        return wrongUsage("--min is missing.", "Say how many nodes each pool keeps at least.");
    if (!*length)
        return wrongUsage("--for is missing.", "A manual scale ends by itself: say when, for example --for 2h.");
    Overlay overlay;
    overlay.name = "Manual scale";
    overlay.scope = *place;
    overlay.from = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    overlay.to = overlay.from + seconds(**length);
    overlay.priority = manualPriority;
    overlay.op = ReplaceBounds{**min, max->value_or(**min)};
    overlay.reason = desk.arguments.value("reason").value_or("");
    const auto outcome = session.submit(CreatePlanItem{overlay}, executionOf(desk.arguments));
    if (!outcome)
        return tl::unexpected(outcome.error());
    const std::string what =
        desk.arguments.words[0] + (outcome->isDryRun ? " would be" : " is") + " scaled until " + toRfc3339(overlay.to);
    printOutcome(desk, what + (outcome->isDryRun ? "." : ", overlay " + outcome->plan.itemId + "."), *outcome);
    return {};
}

namespace {

// A job is one of its provision's: GUID or, from the second on, GUID#2.
Outcome<void> runProvisionPower(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    const bool isJob = words[0] == "job";
    const std::size_t mark = isJob ? words[1].rfind('#') : std::string::npos;
    const bool isLater = mark != std::string::npos && mark + 1 < words[1].size() &&
                         words[1].find_first_not_of("0123456789", mark + 1) == std::string::npos;
    const auto key = native::provisionKeyOf(isLater ? words[1].substr(0, mark) : words[1]);
    if (!key)
        return wrongUsage("\"" + words[1] + "\" is no " + words[0] + ".",
                          "Write GROUP/ID, as headgatectl get " + words[0] + "s shows them.");
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const bool isStart = desk.arguments.subcommand->name == "start";
    const auto outcome = session.submit(isStart ? Command(DistributeProvision{*key}) : Command(WithdrawProvision{*key}),
                                        executionOf(desk.arguments), *ifMatch);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const std::string what = isJob ? "Job " : "Provision ";
    printOutcome(
        desk, what + words[1] + (outcome->isDryRun ? " would be " : " is being ") + (isStart ? "started." : "stopped."),
        *outcome);
    return {};
}

}  // namespace

Outcome<void> runDeploymentPower(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    const std::string verb(desk.arguments.subcommand->name);
    const bool isProvision = words.size() == 2 && (words[0] == "job" || words[0] == "provision");
    if (isProvision && verb != "restart")
        return runProvisionPower(session, desk);
    if (words.size() != 2 || words[0] != "deployment")
        return wrongUsage("It is headgatectl " + verb + " deployment NAME" +
                          (verb == "restart" ? "." : " or headgatectl " + verb + " job GROUP/ID."));
    Command command = SetDeploymentPower{words[1], DeploymentPower::Running};
    if (verb == "stop")
        command = SetDeploymentPower{words[1], DeploymentPower::Stopped};
    else if (verb == "restart")
        command = RestartDeployment{words[1]};
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    const auto outcome = session.submit(command, executionOf(desk.arguments), *ifMatch);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const std::string past = verb == "stop" ? "stopped" : verb + "ed";
    printOutcome(desk, "Deployment " + words[1] + (outcome->isDryRun ? " would be " : " is being ") + past + ".",
                 *outcome);
    return {};
}

}  // namespace headgate::ctl
