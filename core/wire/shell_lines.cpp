#include "core/wire/shell_lines.h"

#include "core/domain/command_groups.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/provision_document.h"
#include "core/wire/stream_manager_calls.h"
#include "core/wire/stream_manager_provisions.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace headgate::native {
namespace {

constexpr std::string_view localServer = "http://127.0.0.1:5080";
constexpr std::string_view newLine = " \\\n  ";
// Characters for private use, which no name has.
constexpr std::string_view markBegin = "\xEE\x80\x80";
constexpr std::string_view markEnd = "\xEE\x80\x81";
constexpr int indentation = 2;

bool isPlainInShell(char c)
{
    const bool isAlphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return isAlphanumeric || std::string_view("%+,-./:@_").find(c) != std::string_view::npos;
}

std::string readable(const std::string& body)
{
    const auto document = parse(body);
    return document ? document->dump(indentation, ' ', false, Json::error_handler_t::replace) : body;
}

// Where the shell looks for variables, what else would mean something to it is escaped.
std::string escapedForShell(const std::string& text)
{
    std::string escaped;
    for (const char c : text) {
        if (c == '\\' || c == '$' || c == '`')
            escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string withVariables(std::string text, const std::vector<std::string>& secrets)
{
    for (const std::string& name : secrets) {
        const std::string mark = secretMark(name);
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
            text.replace(at, mark.size(), "$" + name);
    }
    return text;
}

// The body of a call behind a line that reads it from standard input.
std::string withBody(const std::string& line, const std::string& body, const std::vector<std::string>& secrets)
{
    const std::string text = readable(body);
    if (secrets.empty())
        return line + " <<'END'\n" + text + "\nEND\n";
    return line + " <<END\n" + withVariables(escapedForShell(text), secrets) + "\nEND\n";
}

// "headgatectl --server URL stop n1"
class CtlLine
{
public:
    CtlLine(std::string_view server, std::initializer_list<std::string_view> words)
        : m_line(server.empty() ? "headgatectl " : "headgatectl --server " + shellWord(server).append(newLine))
    {
        for (const std::string_view word : words)
            add(word);
    }

    CtlLine& add(std::string_view word)
    {
        m_line += (m_line.ends_with(' ') ? "" : " ") + shellWord(word);
        return *this;
    }
    CtlLine& option(std::string_view name, std::string_view value) { return add(name).add(value); }
    CtlLine& ifMatch(const std::optional<std::uint64_t>& version)
    {
        return version ? option("--if-match", std::to_string(*version)) : *this;
    }
    CtlLine& flag(std::string_view name, bool isSet) { return isSet ? add(name) : *this; }

    const std::string& text() const { return m_line; }

private:
    std::string m_line;
};

// headgatectl call: for what no other word of it does in the same way.
std::string rawLine(const HttpCall& call, std::string_view server, const std::vector<std::string>& secrets)
{
    CtlLine line(server, {"call", toWord(call.method), call.target});
    line.ifMatch(call.ifMatch);
    if (call.body.empty())
        return line.text();
    return withBody(line.option("-f", "-").text(), call.body, secrets);
}

struct Context
{
    const CommandRequest& request;
    const HttpCall& call;
    std::string_view server;
    const std::vector<std::string>& secrets;
};

class CtlLineOf
{
public:
    explicit CtlLineOf(const Context& context) : m_context(context) {}

    std::string operator()(const CreateNodeGroup&) const { return apply(); }
    std::string operator()(const ReplaceNodeGroup&) const { return apply(); }
    std::string operator()(const DeleteNodeGroup& command) const { return remove("node-group", command.name.value); }
    std::string operator()(const DrainNode& command) const
    {
        CtlLine line = begin({"drain", command.node.value});
        if (command.deadlineSeconds)
            line.option("--deadline", std::to_string(*command.deadlineSeconds) + "s");
        return finish(line);
    }
    std::string operator()(const UndrainNode& command) const { return finish(begin({"undrain", command.node.value})); }
    std::string operator()(const StopNode& command) const
    {
        return finish(
            begin({"stop", command.node.value}).flag("--cut-sessions", command.mode == StopMode::CutSessions));
    }
    std::string operator()(const DisconnectViewer& command) const
    {
        return finish(begin({"disconnect", command.node.value, command.stream.path(), std::to_string(command.viewer)}));
    }
    std::string operator()(const DeleteNodeImage& command) const { return remove("node-image", command.name); }
    std::string operator()(const DeletePlanItem& command) const
    {
        return remove(toWord(command.key.kind), command.key.id);
    }
    std::string operator()(const PutRegion&) const { return apply(); }
    std::string operator()(const DeleteRegion& command) const { return remove("region", command.name); }
    std::string operator()(const SetDefaultRegion& command) const
    {
        CtlLine line = begin({"set", "default-region"});
        if (!command.name.empty())
            line.add(command.name);
        return finish(line.ifMatch(m_context.request.ifVersion));
    }
    std::string operator()(const CreateDeployment&) const { return apply(); }
    std::string operator()(const DeleteDeployment& command) const { return remove("deployment", command.name); }
    std::string operator()(const SetDeploymentPower& command) const
    {
        const bool isStart = command.power == DeploymentPower::Running;
        return finish(begin({isStart ? "start" : "stop", "deployment", command.name}).ifMatch(ifVersion()));
    }
    std::string operator()(const RestartDeployment& command) const
    {
        return finish(begin({"restart", "deployment", command.name}).ifMatch(ifVersion()));
    }
    std::string operator()(const DistributeProvision& command) const { return power("start", command.key); }
    std::string operator()(const WithdrawProvision& command) const { return power("stop", command.key); }
    std::string operator()(const RotateTokenKeys&) const { return finish(begin({"keys", "rotate"})); }
    // Node images, measurements, single parts of the plan, what provisions are.
    template <typename Other>
    std::string operator()(const Other&) const
    {
        return rawLine(m_context.call, m_context.server, m_context.secrets);
    }

private:
    const std::optional<std::uint64_t>& ifVersion() const { return m_context.request.ifVersion; }

    CtlLine begin(std::initializer_list<std::string_view> words) const { return {m_context.server, words}; }

    std::string finish(CtlLine line) const
    {
        return line.flag("--dry-run", m_context.request.execution == Execution::DryRun).text();
    }

    std::string remove(std::string_view kind, std::string_view name) const
    {
        return finish(begin({"delete", kind, name, "--yes"}).ifMatch(ifVersion()));
    }

    std::string power(std::string_view verb, const ProvisionKey& key) const
    {
        return finish(begin({verb, "provision", nameOf(key)}).ifMatch(ifVersion()));
    }

    std::string apply() const
    {
        const CtlLine line = begin({"apply", "-f", "-"}).ifMatch(ifVersion());
        return withBody(finish(line), m_context.call.body, m_context.secrets);
    }

    const Context& m_context;
};

// Takes what is secret out of the groups of a command; the same secret is the same variable.
std::vector<std::string> hideSecrets(Command& command)
{
    std::vector<std::string> names, values;
    const auto nameOf = [&](const std::string& secret) {
        const auto known = std::ranges::find(values, secret);
        if (known != values.end())
            return names[static_cast<std::size_t>(known - values.begin())];
        values.push_back(secret);
        names.push_back("HEADGATE_SECRET" + (names.empty() ? "" : "_" + std::to_string(names.size() + 1)));
        return names.back();
    };
    for (NodeGroup* group : groupsWrittenBy(command)) {
        changeSecrets(*group, [&](const std::string& secret, const std::string&) {
            return secret.starts_with(sealedPrefix) ? secret : secretMark(nameOf(secret));
        });
    }
    auto* put = std::get_if<PutProvisions>(&command);
    for (std::size_t i = 0; put && i < put->provisions.size(); ++i) {
        Json document = Json::parse(put->provisions[i].document, nullptr, false);
        stream_manager::changeSecrets(document, [&](const std::string& secret) {
            const bool isShown = secret.empty() || secret.ends_with(stream_manager::masked("secret"));
            return isShown ? secret : secretMark(nameOf(secret));
        });
        put->provisions[i].document = write(document);
    }
    return names;
}

struct AccountLine
{
    std::string_view server;
    std::string joined(const std::vector<std::string>& names) const
    {
        std::string list;
        for (const std::string& name : names)
            list += (list.empty() ? "" : ",") + name;
        return list;
    }
    // The password goes past the list of processes, where everybody could read it.
    static std::string withPassword(CtlLine line)
    {
        return "printf '%s\\n' \"$HEADGATE_PASSWORD\" |" + std::string(newLine) +
               line.option("--password-file", "-").text();
    }

    std::string operator()(const NewUser& user) const
    {
        CtlLine line(server, {"users", "create", user.name, "--role", toWord(user.role)});
        return withPassword(line.option("--deployments", joined(user.deployments)));
    }
    std::string operator()(const ChangeUserRights& wish) const
    {
        return CtlLine(server, {"users", "set", wish.user, "--role", toWord(wish.rights.role), "--deployments",
                                joined(wish.rights.deployments)})
            .ifMatch(wish.version)
            .text();
    }
    std::string operator()(const RemoveUser& wish) const
    {
        return CtlLine(server, {"users", "delete", wish.user, "--yes"}).ifMatch(wish.version).text();
    }
    std::string operator()(const SetUserPassword& wish) const
    {
        return withPassword(CtlLine(server, {"users", "password", wish.user}));
    }
    // One's own: by the call itself.
    template <typename Other>
    std::string operator()(const Other&) const
    {
        return {};
    }
};

std::vector<std::string> hideSecrets(AccountWish& wish)
{
    const std::string password = "HEADGATE_PASSWORD";
    if (auto* user = std::get_if<NewUser>(&wish)) {
        user->password = secretMark(password);
        return {password};
    }
    if (auto* set = std::get_if<SetUserPassword>(&wish)) {
        set->password = secretMark(password);
        return {password};
    }
    if (auto* own = std::get_if<PasswordWish>(&wish)) {
        const std::string old = "HEADGATE_OLD_PASSWORD";
        *own = {secretMark(password), secretMark(old)};
        return {password, old};
    }
    return {};
}

}  // namespace

std::string secretMark(std::string_view variable)
{
    return std::string(markBegin).append(variable).append(markEnd);
}

std::string shellWord(std::string_view text)
{
    if (!text.empty() && std::ranges::all_of(text, isPlainInShell))
        return std::string(text);
    std::string word = "'";
    for (const char c : text) {
        if (c == '\'')
            word += "'\\''";
        else
            word += c;
    }
    return word + '\'';
}

std::string curlLine(const HttpCall& call, std::string_view server, const std::vector<std::string>& secrets)
{
    const std::string url = std::string(server.empty() ? localServer : server) + call.target;
    std::string line = "curl --fail-with-body -sS -X " + std::string(toWord(call.method)) + ' ' + shellWord(url);
    line.append(newLine).append("-H \"Authorization: Bearer $HEADGATE_TOKEN\"");
    if (call.ifMatch)
        line.append(newLine).append("-H " + shellWord("If-Match: " + entityTag(*call.ifMatch)));
    if (call.body.empty())
        return line;
    line.append(newLine).append("-H 'Content-Type: application/json'");
    line.append(newLine).append("--data-binary @-");
    return withBody(line, call.body, secrets);
}

Result<ShellLines> shellLines(const CommandRequest& request, std::string_view server)
{
    CommandRequest shown = request;
    ShellLines lines;
    lines.secrets = hideSecrets(shown.command);
    auto call = callFor(shown);
    if (!call)
        call = stream_manager::callFor(shown);
    if (!call)
        return tl::unexpected(call.error());
    lines.headgatectl = std::visit(CtlLineOf({shown, *call, server, lines.secrets}), shown.command);
    lines.curl = curlLine(*call, server, lines.secrets);
    return lines;
}

Result<ShellLines> streamManagerLines(const CommandRequest& request, const PlanDocument& present,
                                      std::string_view server)
{
    CommandRequest shown = request;
    ShellLines lines;
    lines.secrets = hideSecrets(shown.command);
    const auto call = stream_manager::callFor(shown, present);
    if (!call)
        return tl::unexpected(call.error());
    lines.curl = curlLine(*call, server, lines.secrets);
    return lines;
}

ShellLines shellLines(const AccountWish& wish, std::string_view server)
{
    AccountWish shown = wish;
    ShellLines lines;
    lines.secrets = hideSecrets(shown);
    const HttpCall call = callFor(shown);
    lines.headgatectl = std::visit(AccountLine{server}, shown);
    if (lines.headgatectl.empty())
        lines.headgatectl = rawLine(call, server, lines.secrets);
    lines.curl = curlLine(call, server, lines.secrets);
    return lines;
}

}  // namespace headgate::native
