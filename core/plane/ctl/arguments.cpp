#include "core/plane/ctl/arguments.h"

#include <algorithm>

namespace headgate::ctl {
namespace {

constexpr Option dryRun = {"dry-run", '\0', "", "show what would change, and change nothing"};
constexpr Option ifMatch = {"if-match", '\0', "N", "only if it is still at version N"};
constexpr Option nodeGroup = {"node-group", 'g', "NAME", "node group (needed if there are several)"};
constexpr Option user = {"user", 'u', "NAME", "user name (asked for if absent)"};
constexpr Option passwordFile = {"password-file", 'p', "FILE",
                                 "first line is the password; - is standard input (asked for if absent)"};

const Option* findOption(const std::vector<Option>& options, std::string_view name)
{
    const auto found = std::ranges::find(options, name, &Option::name);
    return found == options.end() ? nullptr : &*found;
}

const Option* findLetter(const std::vector<Option>& options, char letter)
{
    const auto found = std::ranges::find(options, letter, &Option::letter);
    return found == options.end() ? nullptr : &*found;
}

std::string helpHint(const Subcommand* subcommand)
{
    return "Run headgatectl " + (subcommand ? std::string(subcommand->name) + " " : std::string()) +
           "--help to see what there is.";
}

class Parser
{
public:
    explicit Parser(const std::vector<std::string>& arguments) : m_arguments(arguments) {}

    Result<Arguments> run()
    {
        findSubcommand();
        bool onlyWords = false;
        while (m_next < m_arguments.size()) {
            const std::string argument = m_arguments[m_next++];
            Result<void> taken;
            if (!onlyWords && argument == "--")
                onlyWords = true;
            else if (!onlyWords && argument.size() > 1 && argument[0] == '-')
                taken = takeOption(argument);
            else
                taken = takeWord(argument);
            if (!taken)
                return tl::unexpected(taken.error());
        }
        return checked();
    }

private:
    // Options of the subcommand may stand in front of it, so it is looked for first.
    void findSubcommand()
    {
        for (std::size_t i = 0; i < m_arguments.size() && m_arguments[i] != "--"; ++i) {
            const std::string& argument = m_arguments[i];
            if (argument.size() < 2 || argument[0] != '-') {
                const auto found = std::ranges::find(subcommands(), argument, &Subcommand::name);
                if (found != subcommands().end())
                    m_result.subcommand = &*found;
                return;
            }
            const Option* option = optionOf(argument);
            if (option && !option->value.empty() && argument.find('=') == std::string::npos)
                ++i;
        }
    }

    const Option* optionOf(const std::string& argument) const
    {
        const auto inTable = [&](const std::vector<Option>& options) {
            if (argument.starts_with("--"))
                return findOption(options, argument.substr(2, argument.find('=') - 2));
            return argument.size() == 2 || argument[2] == '=' ? findLetter(options, argument[1]) : nullptr;
        };
        const Option* option = m_result.subcommand ? inTable(m_result.subcommand->options) : nullptr;
        return option ? option : inTable(commonOptions());
    }

    Result<void> takeOption(const std::string& argument)
    {
        const Option* option = optionOf(argument);
        if (!option)
            return fail(ErrorCode::InvalidArgument, "There is no option " + argument + " here.",
                        helpHint(m_result.subcommand));
        const std::string name(option->name);
        const auto equals = argument.find('=');
        if (option->value.empty() && equals != std::string::npos)
            return fail(ErrorCode::InvalidArgument, "--" + name + " takes no value.", helpHint(m_result.subcommand));
        std::string value;
        if (equals != std::string::npos)
            value = argument.substr(equals + 1);
        else if (!option->value.empty() && m_next < m_arguments.size())
            value = m_arguments[m_next++];
        else if (!option->value.empty())
            return fail(ErrorCode::InvalidArgument, "--" + name + " needs a value.", helpHint(m_result.subcommand));
        m_result.wantsHelp = m_result.wantsHelp || name == "help";
        m_result.wantsVersion = m_result.wantsVersion || name == "version";
        m_result.options[name] = value;
        return {};
    }

    Result<void> takeWord(const std::string& word)
    {
        if (!m_hasName) {
            m_hasName = true;
            if (!m_result.subcommand)
                return fail(ErrorCode::InvalidArgument, "There is no command \"" + word + "\".", helpHint(nullptr));
            return {};
        }
        m_result.words.push_back(word);
        return {};
    }

    Result<Arguments> checked() const
    {
        if (m_result.wantsHelp || m_result.wantsVersion || !m_result.subcommand)
            return m_result;
        const Subcommand& subcommand = *m_result.subcommand;
        const std::string wanted =
            std::string(subcommand.name) + (subcommand.words.empty() ? "" : " " + std::string(subcommand.words));
        if (m_result.words.size() < subcommand.fewestWords)
            return fail(ErrorCode::InvalidArgument, "Something is missing: it is headgatectl " + wanted + ".",
                        helpHint(&subcommand));
        if (m_result.words.size() > subcommand.mostWords)
            return fail(ErrorCode::InvalidArgument,
                        "\"" + m_result.words[subcommand.mostWords] + "\" is too much: it is headgatectl " + wanted +
                            ".",
                        helpHint(&subcommand));
        return m_result;
    }

    const std::vector<std::string>& m_arguments;
    std::size_t m_next = 0;
    bool m_hasName = false;
    Arguments m_result;
};

std::string optionLines(const std::vector<Option>& options)
{
    std::vector<std::string> left;
    std::size_t width = 0;
    for (const Option& option : options) {
        std::string text = option.letter ? std::string("  -") + option.letter + ", --" : "      --";
        text += option.name;
        if (!option.value.empty())
            text += " " + std::string(option.value);
        width = std::max(width, text.size());
        left.push_back(std::move(text));
    }
    std::string lines;
    for (std::size_t i = 0; i < options.size(); ++i)
        lines += left[i] + std::string(width + 2 - left[i].size(), ' ') + std::string(options[i].help) + "\n";
    return lines;
}

}  // namespace

const std::vector<Option>& commonOptions()
{
    static const std::vector<Option> options = {
        {"server", 's', "URL", "control plane to talk to (HEADGATE_SERVER; default http://127.0.0.1:5080)"},
        {"token-file", 't', "FILE",
         "keep the token in this file (HEADGATE_TOKEN_FILE) instead of in the keychain; HEADGATE_TOKEN is a token "
         "itself"},
        {"ca", '\0', "FILE",
         "certificates in PEM by which an https server is believed (HEADGATE_CA; default: those of the last login, "
         "else "
         "the system's)"},
        {"output", 'o', "FORMAT", "table (default), json or yaml"},
        {"help", 'h', "", "this help"},
        {"version", '\0', "", "version of this program"}};
    return options;
}

const std::vector<Subcommand>& subcommands()
{
    static const std::vector<Subcommand> table = {
        {"login",
         "",
         "sign in and keep the token",
         "The token goes to the keychain of this machine (Secret Service). Where there is none, and with --token-file, "
         "it "
         "goes to a file that only you can read, by default ~/.config/headgate/token.",
         {user, passwordFile},
         0,
         0},
        {"setup",
         "",
         "make the first account of a new control plane",
         "headgated prints the setup token at its first start. Signs in as the new account.",
         {{"setup-token", '\0', "TOKEN", "the one-time token that headgated printed"}, user, passwordFile},
         0,
         0},
        {"get",
         "WHAT [NAME | FIELD=VALUE ...]",
         "list what there is, or show one",
         "WHAT is node-groups, nodes, node-images, streams, audit, routings, schedules, overlays, exclusion-sets,\n"
         "limits, configurations, regions, deployments, provisions, jobs or recordings. NAME is its name or id, a\n"
         "stream is scope/name, of recordings it is a part of the stream's name,\n"
         "a provision GROUP/GUID, and for audit and routings it is a part of the text. Routings are a sample of late; "
         "-o json tells their reasons.\n"
         "Lists are filtered by FIELD=VALUE, for example role=edge state=INSERVICE,STARTED; a FIELD that a list does\n"
         "not have is refused with those that it has.\n"
         "get stream NAME shows what its nodes know: tracks, timing, hops and viewers, those behind most first.",
         {{"limit", '\0', "N", "at most so many, 1 to 1000 (default: all, of audit and routings 50)"},
          {"sort", '\0', "FIELD", "lists: by this field, with - before it from the highest down"},
          {"node", '\0', "NODE", "stream: ask this node only (default: all that carry it)"},
          {"node-group", 'g', "NAME", "stream: of this node group"}},
         1,
         16,
         {"node-groups", "nodes", "node-images", "streams", "stream", "audit", "routings", "schedules", "overlays",
          "exclusion-sets", "limits", "configurations", "regions", "deployments", "provisions", "jobs", "recordings"}},
        {"describe",
         "KIND NAME",
         "show all of one object, and what was done to it lately",
         "KIND is one of node-group, node, node-image, region, deployment, schedule, overlay, exclusion-set, limit,\n"
         "configuration, provision, whose NAME is GROUP/GUID, and job, whose NAME is GROUP/ID.",
         {},
         2,
         2,
         {"node-group", "node", "node-image", "region", "deployment", "schedule", "overlay", "exclusion-set", "limit",
          "configuration", "provision", "job"}},
        {"watch",
         "[KIND]",
         "tell what changes, a line each",
         "KIND is node-group, node, stream, node-image, region, deployment, schedule, overlay, exclusion-set, limit\n"
         "or configuration; without it all of them. Goes on after a lost connection where it was.",
         {{"for", '\0', "TIME", "end after so long: 90s, 10m, 2h"}, {"count", '\0', "N", "end after so many lines"}},
         0,
         1,
         {"node-group", "node", "stream", "node-image", "region", "deployment", "schedule", "overlay", "exclusion-set",
          "limit", "configuration"}},
        {"edit",
         "KIND NAME",
         "change an object in an editor",
         "Opens its document as JSON in $VISUAL or $EDITOR. If somebody else changes it meanwhile the editor opens\n"
         "again, on the new version with your changes in it.",
         {dryRun},
         2,
         2,
         {"node-group", "node-image", "region", "deployment", "schedule", "overlay", "exclusion-set", "limit",
          "configuration", "provision"}},
        {"diff",
         "",
         "show what apply would change",
         "Exit status 0 if nothing, 5 if something.",
         {{"file", 'f', "FILE", "the document or a directory of them; - is standard input"}},
         0,
         0},
        {"apply",
         "",
         "create or replace node groups, a plan, a region or a provision, or create a deployment, from a file",
         "Takes a native document, a Stream Manager one, or what export wrote. Without --if-match it replaces the\n"
         "version that it compared with, so a change in between is refused. A document with schedules, overlays or\n"
         "what belongs to them is imported as a whole; then --if-match is the revision of the plan. A node group has\n"
         "what of the plan changes with it in \"plan\", a deployment what it begins with in \"content\". A provision "
         "is\n"
         "{\"nodeGroup\",\"provision\"}, the latter as Stream Manager 2.0 writes it.\n"
         "Of a directory all *.json files are taken: regions first, then node groups, plan, deployments and "
         "provisions.\n"
         "What they would change is shown before, and nothing is applied if one of them is wrong.",
         {{"file", 'f', "FILE", "the document or a directory of them; - is standard input"},
          dryRun,
          {"if-match", '\0', "N", "only if the node group, the plan or the region is still at version N"}},
         0,
         0},
        {"delete",
         "WHAT NAME",
         "delete a node group with its nodes, or a part of the plan",
         "WHAT is node-group, node-image, schedule, overlay, exclusion-set, limit, configuration, region, deployment\n"
         "or provision, whose NAME is GROUP/GUID, or recording: GROUP/ID.\n"
         "Shows what ends and asks for the name unless --yes is given.",
         {dryRun, ifMatch, {"yes", 'y', "", "do not ask"}},
         2,
         2,
         {"node-group", "node-image", "schedule", "overlay", "exclusion-set", "limit", "configuration", "region",
          "deployment", "provision", "recording"}},
        {"export",
         "[node-group NAME]",
         "write the plan and its node groups to a file",
         "Native files are complete: import and apply take them. Of what another format cannot say there are notes.",
         {{"format", '\0', "FORMAT", "native (default), stream-manager, ics, or csv of the windows"},
          {"output-file", 'o', "FILE", "write it there (default: standard output)"},
          {"from", '\0', "TIME", "csv: windows from then on (default: now)"},
          {"to", '\0', "TIME", "csv: and until then (default: 366 days later)"}},
         0,
         2},
        {"import",
         "",
         "create and replace what a plan file holds, or a Stream Manager",
         "Takes a native file, Stream Manager documents or a calendar. All of it is imported, or nothing.\n"
         "Of a running Stream Manager its node groups and overlays are, and then its provisions.",
         {{"file", 'f', "FILE", "the document; - is standard input"},
          {"from-stream-manager", '\0', "URL", "instead of a file; shows what changes before it is done"},
          user,
          passwordFile,
          {"node-group", 'g', "NAME", "calendar: node group that its events make active"},
          {"exclusion-set", '\0', "NAME", "calendar: its events become the days of this exclusion set"},
          dryRun},
         0,
         0},
        {"audit",
         "verify",
         "find out whether the audit trail is as it was written",
         "Names the first row that was changed, put in or taken out, and then ends with status 1.",
         {},
         1,
         1},
        {"usage",
         "",
         "tell what nodes did, by day, deployment and role",
         "Days are in UTC. Without options it is this month. The prices of an invoice are those of the deployments.",
         {{"from", '\0', "DAY", "the first day, 2027-06-01"},
          {"to", '\0', "DAY", "the last day"},
          {"invoice", '\0', "", "what it costs, as CSV"},
          {"per-gigabyte", '\0', "PRICE", "of what is delivered to viewers, in place of what the deployments say"}},
         0,
         0},
        {"keys",
         "rotate",
         "sign tokens with new keys",
         "Whoever is signed in stays so: what was signed before holds as long as it would have, 30 days at most.",
         {dryRun},
         1,
         1,
         {"rotate"}},
        {"users",
         "[list | create NAME | set NAME | disable NAME | enable NAME | password NAME | delete NAME]",
         "list users, and change who may do what",
         "ROLE is viewer, operator, scheduler or admin; docs/access.md tells what each may do. A new user is a viewer\n"
         "unless --role says otherwise. Who is disabled cannot sign in; all sessions end, and no token holds.",
         {{"role", '\0', "ROLE", "what the user may do"},
          {"deployments", '\0', "A,B", "what the user is limited to; \"\" for everything"},
          passwordFile,
          dryRun,
          ifMatch,
          {"yes", 'y', "", "delete: do not ask"}},
         0,
         2,
         {"list", "create", "set", "disable", "enable", "password", "delete"}},
        {"drain",
         "NODE",
         "let a node end when its last session has left",
         "It takes no new sessions from now on. Asked for again, a drain gets the new deadline, or none.",
         {{"deadline", '\0', "TIME", "then disconnect whoever is left: 90s, 10m, 2h (default: wait)"}, dryRun},
         1,
         1},
        {"undrain",
         "NODE",
         "put a draining node back into service",
         "Possible until the node is sealed.",
         {dryRun},
         1,
         1},
        {"stop",
         "NODE | deployment NAME | job GROUP/ID",
         "end a node or a job at once, or all of a deployment by and by",
         "A node: refused while a publisher is connected unless --cut-sessions is given. A deployment's nodes end\n"
         "when nobody uses them any more. A job ends with the others of its provision, which stays stored.",
         {dryRun, ifMatch, {"cut-sessions", '\0', "", "of a node: end publishers and viewers too"}},
         1,
         2,
         {"deployment", "job", "provision"}},
        {"start",
         "deployment NAME | job GROUP/ID",
         "let the node groups of a deployment follow their plans, or start a job",
         "A job starts with the others of its provision, which is distributed to the nodes: start provision does the "
         "same.",
         {dryRun, ifMatch},
         2,
         2,
         {"deployment", "job", "provision"}},
        {"restart",
         "deployment NAME",
         "replace all nodes of a deployment",
         "Few at a time, and each ends when nobody uses it any more.",
         {dryRun, ifMatch},
         2,
         2},
        {"set",
         "default-region [NAME]",
         "choose the default region",
         "Without NAME there is none.",
         {dryRun, ifMatch},
         1,
         2},
        {"scale",
         "GROUP[/SUBGROUP[/ROLE]]",
         "set the number of nodes by hand for a while",
         "Makes an overlay of priority 900 that begins now and ends by itself; headgatectl delete overlay ID ends it\n"
         "earlier. The numbers are for each pool that is meant.",
         {{"min", '\0', "N", "at least so many nodes"},
          {"max", '\0', "N", "at most so many (default: as many as --min)"},
          {"for", '\0', "TIME", "how long: 90s, 10m, 2h"},
          {"reason", '\0', "TEXT", "why, for those who look at the plan"},
          dryRun},
         1,
         1},
        {"disconnect",
         "NODE STREAM VIEWER",
         "end the session of one viewer",
         "VIEWER is its number, as get stream STREAM shows it. It may connect again.",
         {dryRun},
         3,
         3},
        {"call",
         "METHOD PATH",
         "make one call of the interface",
         "METHOD is GET, POST, PUT, PATCH or DELETE, PATH begins with /api/v1/ or /as/v1/, percent-encoded. Writes "
         "the\n"
         "answer as it comes. What the console shows as a command is this where no other command does the same.",
         {{"file", 'f', "FILE", "the body, JSON; - is standard input"}, ifMatch},
         2,
         2,
         {"GET", "POST", "PUT", "PATCH", "DELETE"}},
        {"route",
         "publish|subscribe STREAM",
         "ask which node to use",
         "STREAM is scope and name, for example live/show1.",
         {nodeGroup,
          {"subgroups", '\0', "A,B", "preferred subgroups or regions, most wanted first"},
          {"strict", '\0', "", "only the preferred subgroups"},
          {"endpoints", '\0', "N", "so many answers, 1 to 16 (default 1)"},
          {"wait", 'w', "", "to subscribe: if all is full, wait in line for a place"},
          {"explain", '\0', "",
           "why: regions and nodes with their values, those that are rejected too; promises nothing"}},
         2,
         2},
        {"bench-node",
         "",
         "measure how many viewers a core of this machine serves",
         "Runs headgate-node with one event loop beside a load of viewers, ever more until the core is four fifths "
         "busy\n"
         "or somebody has to wait. With --save the figure becomes what the control plane counts with.",
         {{"seconds", '\0', "S", "measure for so long, 10 to 600 (default 30)"},
          {"bitrate", '\0', "KBPS", "of the stream in kbit/s, 100 to 100000 (default 1510)"},
          {"merge-window", '\0', "W", "0 to 1000 ms, or auto (default)"},
          {"node-program", '\0', "FILE", "headgate-node to measure (default: the one beside this program)"},
          {"image", 'i', "NAME", "node image to save it with (default: the only one that groups name)"},
          {"save", '\0', "", "write it into the node image's record"}},
         0,
         0},
        {"probe",
         "STREAM|URL",
         "measure the latency and quality of a stream",
         "Plays a stream from an edge that the control plane names, or an address of HTTP-FLV, MPEG-TS, HLS,\n"
         "RTMP, SRT or RTSP, without a screen. A test stream tells when its pictures were drawn: how long ago when\n"
         "decoded, and when they would be shown (glass to glass). Both clocks must agree.",
         {nodeGroup,
          {"seconds", '\0', "S", "measure for so long, 1 to 300 (default 10)"},
          {"tls-authorities", '\0', "FILE",
           "certificates in PEM that https and rtmps trust beside those of the system"}},
         1,
         1},
        {"download",
         "[GROUP/]ID",
         "fetch a recording as one file",
         "As MP4 or FLV, whatever the group records as, from a node that serves viewers. What breaks off is gone on "
         "with\n"
         "where it was, also by running the same again. A recording whose format changes within it is several files, "
         "each\n"
         "with -partN in its name.",
         {{"output-file", 'o', "FILE", "write it there (default: the id of the recording, with mp4 or flv)"},
          {"part", '\0', "N", "of several files this one, from 1 on"}},
         1,
         1},
        {"preview",
         "",
         "show what a plan runs when, and why",
         "Takes a native plan document, a Stream Manager one or an iCalendar file; works without a control plane\n"
         "unless its plan is asked for with --stored. Without one, 2,000 expected viewers are a node; with\n"
         "--stored, what was measured of the images counts.\n"
         "Times may have any offset and are shown in the zone.",
         {{"file", 'f', "FILE", "the document; - is standard input"},
          {"from", '\0', "TIME", "like 2027-06-26T00:00:00+02:00"},
          {"to", '\0', "TIME", "not included"},
          {"stored", '\0', "", "the plan of the control plane, as it would be with the file imported if one is named"},
          {"zone", 'z', "NAME", "show times on the wall of this zone (default: that of the first schedule)"}},
         0,
         0},
        {"publish-test",
         "STREAM",
         "publish a test picture with a tone",
         "Asks for origins and publishes until Ctrl+C, to a second one if the first gives no sign of life for 2 s.\n"
         "For a URL of rtmp or rtmps nobody is asked.",
         {nodeGroup,
          {"duration", 'd', "S", "end after so many seconds"},
          {"tls-authorities", '\0', "FILE", "certificates in PEM that rtmps trusts beside those of the system"}},
         1,
         1},
        {"sim",
         "[FILE ...]",
         "run the engine in simulated worlds, and compare",
         "Takes scenario files (docs/scenarios.md); works without a control plane. The same seed gives the same run.",
         {{"scenario", 'f', "FILE", "a scenario; more may follow as words"},
          {"seed", '\0', "N", "of the first run (default 1)"},
          {"seeds", '\0', "N", "so many runs, each with the next seed (default 1)"},
          {"jobs", '\0', "N", "so many of them at once (default: as many as there are cores)"},
          {"json", '\0', "", "as --output json"},
          {"cohorts", '\0', "", "count viewers instead of seating each: much faster, nearly the same figures"},
          {"trace", '\0', "FILE", "write what happened, one line each"},
          {"table", '\0', "", "Markdown: what 95 of 100 runs do not exceed, beside the baselines and the optimum"},
          {"swarm", '\0', "N", "so many runs with drawn faults; only what must always hold is looked at"},
          {"coverage", '\0', "", "with --swarm: what was done how often while what went wrong, in Markdown"}},
         0,
         1000},
        {"completion",
         "bash|zsh",
         "write the script by which a shell completes this command line",
         "bash: source <(headgatectl completion bash)\n"
         "zsh:  headgatectl completion zsh > \"${fpath[1]}/_headgatectl\"",
         {},
         1,
         1},
    };
    return table;
}

std::optional<std::string> Arguments::value(const std::string& option) const
{
    const auto found = options.find(option);
    return found == options.end() ? std::nullopt : std::optional(found->second);
}

Result<Arguments> parseArguments(const std::vector<std::string>& arguments)
{
    return Parser(arguments).run();
}

std::string helpText()
{
    std::string text = "headgatectl: command line of the Headgate control plane\n\n"
                       "usage: headgatectl [options] <command> ...\n\ncommands:\n";
    for (const Subcommand& subcommand : subcommands())
        text += "  " + std::string(subcommand.name) + std::string(14 - subcommand.name.size(), ' ') +
                std::string(subcommand.summary) + "\n";
    text += "\noptions:\n" + optionLines(commonOptions());
    text += "\nexit status: 0 done, 1 refused by the control plane, 2 wrong usage, 3 not reachable, 4 not signed in,\n"
            "5 diff found a difference\n"
            "\"headgatectl <command> --help\" tells more.\n";
    return text;
}

std::string helpText(const Subcommand& subcommand)
{
    std::string text = "usage: headgatectl " + std::string(subcommand.name);
    if (!subcommand.words.empty())
        text += " " + std::string(subcommand.words);
    text += " [options]\n\n" + std::string(subcommand.summary) + "\n" + std::string(subcommand.details) + "\n";
    if (!subcommand.options.empty())
        text += "\noptions:\n" + optionLines(subcommand.options);
    std::vector<Option> common = commonOptions();
    for (Option& option : common) {
        if (findLetter(subcommand.options, option.letter))
            option.letter = '\0';
    }
    return text + "\ncommon options:\n" + optionLines(common);
}

}  // namespace headgate::ctl
