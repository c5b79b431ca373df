#include "core/plane/ctl/outcome.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/table.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <charconv>
#include <ostream>

namespace headgate::ctl {
namespace {

using nlohmann::json;

// The whole text is in the JSON output.
std::string shortened(const std::string& text)
{
    constexpr std::size_t longest = 100;
    if (text.size() <= longest)
        return text;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end) + "...";
}

// A document that comes or goes as a whole is not listed member by member.
bool isWholeDocument(const std::vector<FieldChange>& changes)
{
    const auto isNew = [](const FieldChange& change) { return change.before.empty(); };
    const auto isGone = [](const FieldChange& change) { return change.after.empty(); };
    return changes.size() > 1 && (std::ranges::all_of(changes, isNew) || std::ranges::all_of(changes, isGone));
}

void printChange(std::ostream& out, const FieldChange& change)
{
    if (change.before.empty())
        out << "  + " << change.pointer << ": " << shortened(change.after) << '\n';
    else if (change.after.empty())
        out << "  - " << change.pointer << ": " << shortened(change.before) << '\n';
    else
        out << "  ~ " << change.pointer << ": " << shortened(change.before) << " -> " << shortened(change.after)
            << '\n';
}

std::string boundsText(bool isActive, int min, int max)
{
    return isActive ? std::to_string(min) + " to " + std::to_string(max) : "off";
}

void printPlan(std::ostream& out, const PlanOutcome& plan)
{
    if (!plan.windows.empty()) {
        TextTable table({"WINDOW", "START", "END"});
        for (const PlanWindow& window : plan.windows)
            table.addRow({window.id, toRfc3339(window.start), toRfc3339(window.end)});
        out << "Next windows\n" << table.text();
    }
    if (!plan.changes.empty()) {
        TextTable table({"GROUP", "SUBGROUP", "ROLE", "START", "END", "BEFORE", "AFTER"});
        for (const PlanChange& change : plan.changes)
            table.addRow({change.pool.nodeGroup.value, change.pool.subgroup, change.pool.role, toRfc3339(change.start),
                          toRfc3339(change.end), boundsText(change.wasActive, change.minBefore, change.maxBefore),
                          boundsText(change.isActive, change.minAfter, change.maxAfter)});
        out << "Numbers of nodes that change\n" << table.text();
    }
    if (!plan.findings.empty()) {
        TextTable table({"CONFLICT", "START", "WHAT"});
        for (const PlanFinding& finding : plan.findings)
            table.addRow({finding.code, toRfc3339(finding.start), finding.sentence});
        out << "Conflicts\n" << table.text();
    }
}

}  // namespace

Execution executionOf(const Arguments& arguments)
{
    return arguments.has("dry-run") ? Execution::DryRun : Execution::Commit;
}

Outcome<std::optional<std::uint64_t>> wantedVersion(const Arguments& arguments)
{
    const auto text = arguments.value("if-match");
    if (!text)
        return std::optional<std::uint64_t>();
    std::uint64_t version = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), version);
    if (error != std::errc() || end != text->data() + text->size())
        return wrongUsage("--if-match " + *text + " is not a version.", "Use the number that get node-groups shows.");
    return version;
}

void printOutcome(const Desk& desk, const std::string& what, const CommandOutcome& outcome)
{
    if (desk.format != Format::Table)
        return printDocument(desk, native::toJson(outcome));
    desk.out << what << '\n';
    for (const FieldChange& change : outcome.changes) {
        if (!isWholeDocument(outcome.changes))
            printChange(desk.out, change);
    }
    for (const std::string& effect : outcome.effects)
        desk.out << "  " << effect << '\n';
    if (outcome.publishersAffected + outcome.viewersAffected > 0)
        desk.out << "  Affected: publishers " << outcome.publishersAffected << ", viewers " << outcome.viewersAffected
                 << ".\n";
    printPlan(desk.out, outcome.plan);
}

}  // namespace headgate::ctl
