#include "core/plane/ctl/migrate.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/outcome.h"
#include "core/plane/ctl/plan_files.h"
#include "core/plane/ctl/prompt.h"
#include "core/plane/ctl/stream_manager_client.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_provisions.h"

#include <QUrl>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

namespace headgate::ctl {

namespace {

using nlohmann::json;

constexpr std::size_t mostGroups = 1'000;

std::string encoded(const std::string& name)
{
    return QUrl::toPercentEncoding(QString::fromStdString(name)).toStdString();
}

std::string provisionsPath(const std::string& group)
{
    return "/as/v1/streams/provision/" + encoded(group);
}

// Nothing, if the server does not have such a thing.
Outcome<json> readIfThere(StreamManagerClient& client, const std::string& path)
{
    auto answer = client.call("GET", path);
    if (!answer &&
        (answer.error().error.code == ErrorCode::NotFound || answer.error().error.code == ErrorCode::Unsupported))
        return json::array();
    return answer;
}

Outcome<std::set<std::string>> groupNames(StreamManagerClient& source)
{
    std::set<std::string> names;
    for (const char* path : {"/as/v1/admin/nodegroup", "/as/v1/admin/nodegroup/scheduled"}) {
        const auto list = readIfThere(source, path);
        if (!list)
            return tl::unexpected(list.error());
        for (const json& name : *list) {
            if (name.is_string())
                names.insert(name.get<std::string>());
        }
    }
    if (names.size() > mostGroups)
        return tl::unexpected(
            Failure{ExitStatus::Refused,
                    {ErrorCode::ResourceExhausted, source.server() + " names more than 1000 node groups.", {}, {}}});
    return names;
}

// As they are written, not as an overlay may change them now.
Outcome<json> documentsOf(StreamManagerClient& source, const std::set<std::string>& names)
{
    json documents = json::array();
    for (const std::string& name : names) {
        auto document = source.call("GET", "/as/v1/admin/nodegroup/" + encoded(name) + "?isEffective=false");
        if (!document)
            return tl::unexpected(document.error());
        documents.push_back(std::move(*document));
    }
    return documents;
}

using ProvisionsByGuid = std::map<std::string, json>;

Outcome<ProvisionsByGuid> provisionsOf(StreamManagerClient& client, const std::string& group)
{
    auto answer = readIfThere(client, provisionsPath(group));
    if (!answer)
        return tl::unexpected(answer.error());
    const json list = answer->is_array() ? std::move(*answer) : json::array({*answer});
    ProvisionsByGuid provisions;
    for (const json& document : list) {
        auto provision = stream_manager::provisionFromJson(document);
        if (!provision)
            return tl::unexpected(Failure{ExitStatus::Refused, std::move(provision.error())});
        provisions[provision->guid] = json::parse(provision->document);
    }
    return provisions;
}

json withoutSecrets(json document)
{
    stream_manager::changeSecrets(document, stream_manager::masked);
    return document;
}

bool isHidden(const std::string& secret)
{
    return secret.ends_with(stream_manager::masked("secret"));
}

struct ProvisionChange
{
    std::string group;
    std::string guid;
    json document;
    PutMode mode = PutMode::Create;

    std::string text() const
    {
        return (mode == PutMode::Create ? "+ provisions/" : "~ provisions/") + group + "/" + guid;
    }
};

// What is at the source and not, or otherwise, at the target.
Outcome<std::vector<ProvisionChange>> provisionChanges(StreamManagerClient& source, StreamManagerClient& target,
                                                       const std::set<std::string>& groups)
{
    std::vector<ProvisionChange> changes;
    for (const std::string& group : groups) {
        const auto wanted = provisionsOf(source, group);
        const auto present = provisionsOf(target, group);
        if (!wanted || !present)
            return tl::unexpected((wanted ? present : wanted).error());
        for (const auto& [guid, document] : *wanted) {
            const auto old = present->find(guid);
            ProvisionChange change{group, guid, document, old == present->end() ? PutMode::Create : PutMode::Replace};
            if (change.mode == PutMode::Replace)
                stream_manager::keepSecrets(change.document, old->second,
                                            [](const std::string& sent, const std::string&) { return isHidden(sent); });
            if (change.mode == PutMode::Create || withoutSecrets(change.document) != old->second)
                changes.push_back(std::move(change));
        }
    }
    return changes;
}

// A server that shows no secrets gives none away: in what is new they are left empty, and told.
void leaveOutMasked(ProvisionChange& change, const Desk& desk)
{
    if (change.mode == PutMode::Replace)
        return;
    bool isMasked = false;
    stream_manager::changeSecrets(change.document, [&](const std::string& secret) {
        isMasked = isMasked || isHidden(secret);
        return isHidden(secret) ? std::string() : secret;
    });
    if (isMasked)
        desk.notes << "headgatectl: the source hides secrets of provision " << change.guid << " of " << change.group
                   << "; set them here.\n";
}

Outcome<void> writeProvisions(StreamManagerClient& target, std::vector<ProvisionChange> changes, const Desk& desk)
{
    for (ProvisionChange& change : changes) {
        leaveOutMasked(change, desk);
        const auto written = target.call(change.mode == PutMode::Create ? "POST" : "PUT", provisionsPath(change.group),
                                         json::array({change.document}).dump());
        if (!written)
            return tl::unexpected(written.error());
    }
    return {};
}

Outcome<void> signIn(StreamManagerClient& source, const Arguments& arguments)
{
    const std::string user = arguments.value("user").value_or("admin");
    const auto file = arguments.value("password-file");
    const auto password = file ? readSecret(*file)
                               : askSecret("Password of " + user + " at " + source.server() + ": ",
                                           "Name a file that has it with --password-file.");
    if (!password)
        return tl::unexpected(password.error());
    return source.signIn(user, *password);
}

json documentOf(const CommandOutcome& plan, const std::vector<ProvisionChange>& provisions)
{
    json list = json::array();
    for (const ProvisionChange& change : provisions)
        list.push_back({{"nodeGroup", change.group}, {"guid", change.guid}, {"isNew", change.mode == PutMode::Create}});
    return {{"plan", native::toJson(plan)}, {"provisions", list}, {"isDryRun", plan.isDryRun}};
}

void print(const Desk& desk, const std::string& source, const CommandOutcome& plan,
           const std::vector<ProvisionChange>& provisions)
{
    if (desk.format != Format::Table)
        return printDocument(desk, documentOf(plan, provisions));
    CommandOutcome rest = plan;
    const auto stays = [](const FieldChange& change) { return !change.before.empty() && !change.after.empty(); };
    const auto others = std::ranges::stable_partition(rest.changes, stays);
    std::string text = source + (plan.isDryRun ? " would be imported." : " is imported.");
    text += namesIn({others.begin(), others.end()});
    rest.changes.erase(others.begin(), others.end());
    for (const ProvisionChange& change : provisions)
        text += "\n  " + change.text();
    printOutcome(desk, text, rest);
}

}  // namespace

Outcome<void> runMigration(Session& session, const Desk& desk)
{
    const auto address = serverUrl(desk.arguments.value("from-stream-manager").value_or(""));
    if (!address)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, address.error()});
    StreamManagerClient source(address->toString().toStdString());
    if (auto signedIn = signIn(source, desk.arguments); !signedIn)
        return signedIn;
    const auto names = groupNames(source);
    const auto documents = names ? documentsOf(source, *names) : tl::unexpected(names.error());
    if (!documents)
        return tl::unexpected(documents.error());
    if (documents->empty())
        return tl::unexpected(
            Failure{ExitStatus::Refused, {ErrorCode::NotFound, source.server() + " has no node groups.", {}, {}}});
    const auto plan = planOf(session, desk.arguments, documents->dump());
    if (!plan)
        return tl::unexpected(plan.error());
    auto outcome = session.submit(ImportPlan{*plan}, Execution::DryRun);
    if (!outcome)
        return tl::unexpected(outcome.error());
    StreamManagerClient target(session.server(), session.accessToken());
    const auto provisions = provisionChanges(source, target, *names);
    if (!provisions)
        return tl::unexpected(provisions.error());
    const bool isDryRun = desk.arguments.has("dry-run");
    if (!isDryRun) {
        print({desk.arguments, Format::Table, desk.notes, desk.notes}, source.server(), *outcome, *provisions);
        outcome = session.submit(ImportPlan{*plan}, Execution::Commit);
        if (!outcome)
            return tl::unexpected(outcome.error());
        if (auto written = writeProvisions(target, *provisions, desk); !written)
            return written;
    }
    print(desk, source.server(), *outcome, *provisions);
    return {};
}

}  // namespace headgate::ctl
