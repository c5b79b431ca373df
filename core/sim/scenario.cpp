#include "core/sim/scenario.h"

#include "core/base/check.h"
#include "core/domain/stream.h"
#include "core/sim/chance.h"
#include "core/sim/run_record.h"
#include "core/wire/json_reader.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <cmath>

namespace headgate::sim {

using native::Json;
using native::ObjectReader;

static void describe(ObjectReader& f, CurvePoint& point)
{
    f.required("atS", point.atS);
    f.required("viewers", point.viewers);
}

namespace {

// As a file has it.
struct TrafficDocument : Traffic
{
    int streams = 1;  // "live/show1" and so on, if there are more
    double zipf = 0;  // the viewers of the k-th are to those of the first as 1 to k to the power of this
};

}  // namespace

static void describe(ObjectReader& f, TrafficDocument& traffic)
{
    f.optional("stream", traffic.stream);
    f.optional("streams", traffic.streams);
    f.optional("zipf", traffic.zipf);
    f.optional("liveS", traffic.liveS);
    f.optional("pauseS", traffic.pauseS);
    f.optional("region", traffic.region);
    f.required("viewers", traffic.viewers);
    f.optional("repeatS", traffic.repeatS);
    f.optional("sessionS", traffic.sessionS);
    f.optional("tokenless", traffic.isTokenless);
    f.optional("noShowPercent", traffic.noShowPercent);
}

static void describe(ObjectReader& f, BootQuantile& quantile)
{
    f.required("percent", quantile.percent);
    f.required("seconds", quantile.seconds);
}

static void describe(ObjectReader& f, ProviderShape& provider)
{
    f.required("platform", provider.platform);
    f.required("boot", provider.boot);
    f.optional("failPercent", provider.failPercent);
    f.optional("hangPercent", provider.hangPercent);
}

static void describe(ObjectReader& f, Fault& fault)
{
    f.required("kind", fault.kind);
    f.required("atS", fault.atS);
    f.optional("forS", fault.forS);
    f.optional("role", fault.role);
    f.optional("region", fault.region);
    f.optional("percent", fault.percent);
}

static void describe(ObjectReader& f, Cohorts& cohorts)
{
    f.optional("leastS", cohorts.leastS);
    f.optional("mostS", cohorts.mostS);
}

namespace {

struct ScenarioDocument
{
    Scenario scenario;
    std::vector<TrafficDocument> traffic;
    Json plan;
};

void describe(ObjectReader& f, ScenarioDocument& document)
{
    Scenario& scenario = document.scenario;
    f.required("name", scenario.name);
    f.optional("title", scenario.title);
    f.required("start", scenario.start);
    f.required("durationS", scenario.durationS);
    f.optional("warmUpS", scenario.warmUpS);
    f.required("plan", document.plan);
    f.required("providers", scenario.providers);
    f.optional("viewersPerNode", scenario.viewersPerNode);
    f.optional("cohorts", scenario.cohorts);
    f.required("traffic", document.traffic);
    f.optional("faults", scenario.faults);
    f.optional("atMost", scenario.atMost);
}

constexpr int longestS = 31 * 24 * 3600;
constexpr int mostViewers = 1'000'000;
constexpr int mostStreams = 10'000;
constexpr double steepest = 5;

// InvalidArgument for what cannot be divided.
Result<std::vector<Traffic>> dividedAmongStreams(const std::vector<TrafficDocument>& documents)
{
    std::vector<Traffic> traffic;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        const TrafficDocument& all = documents[i];
        const std::string place = "/traffic/" + std::to_string(i);
        if (all.streams < 1 || all.streams > mostStreams)
            return fail(ErrorCode::InvalidArgument, "This must be 1 to 10,000.", {}, place + "/streams");
        if (!(all.zipf >= 0 && all.zipf <= steepest))
            return fail(ErrorCode::InvalidArgument, "This must be 0 to 5.", {}, place + "/zipf");
        double sum = 0;
        for (int k = 1; k <= all.streams; ++k)
            sum += std::pow(k, -all.zipf);
        for (int k = 1; k <= all.streams; ++k) {
            Traffic each = all;
            each.stream += all.streams > 1 ? std::to_string(k) : "";
            each.shareMicros = static_cast<int>(std::lround(1e6 * std::pow(k, -all.zipf) / sum));
            traffic.push_back(std::move(each));
        }
    }
    return traffic;
}

// The first violation; null while there is none.
class ScenarioRules
{
public:
    explicit ScenarioRules(const Scenario& scenario) : m_scenario(scenario) {}

    std::optional<Error> check()
    {
        require(!m_scenario.name.empty(), "/name", "The name is empty.");
        require(m_scenario.durationS >= 1 && m_scenario.durationS <= longestS, "/durationS",
                "This must be 1 second to 31 days.");
        require(m_scenario.warmUpS >= 1 && m_scenario.warmUpS <= longestS, "/warmUpS",
                "This must be 1 second to 31 days.");
        require(m_scenario.plan.nodeGroups.size() == 1, "/plan/nodeGroups", "There must be exactly one node group.");
        require(m_scenario.viewersPerNode >= 1 && m_scenario.viewersPerNode <= mostViewers, "/viewersPerNode",
                "This must be 1 to 1,000,000.");
        checkCohorts();
        for (std::size_t i = 0; i < m_scenario.providers.size(); ++i)
            checkProvider(m_scenario.providers[i], "/providers/" + std::to_string(i));
        checkPlatform();
        for (std::size_t i = 0; i < m_scenario.traffic.size(); ++i)
            checkTraffic(m_scenario.traffic[i], "/traffic/" + std::to_string(i));
        for (std::size_t i = 0; i < m_scenario.faults.size(); ++i)
            checkFault(m_scenario.faults[i], "/faults/" + std::to_string(i));
        checkCriteria();
        return m_error;
    }

private:
    void require(bool holds, const std::string& pointer, const std::string& sentence)
    {
        if (!holds && !m_error)
            m_error = Error{ErrorCode::InvalidArgument, sentence, {}, pointer};
    }

    static bool isPercent(int percent) { return percent >= 0 && percent <= 100; }

    void checkCohorts()
    {
        if (!m_scenario.cohorts)
            return;
        constexpr int longestTickS = 30;
        const Cohorts& cohorts = *m_scenario.cohorts;
        require(cohorts.leastS >= 1 && cohorts.leastS <= longestTickS, "/cohorts/leastS", "This must be 1 to 30.");
        require(cohorts.mostS >= cohorts.leastS && cohorts.mostS <= longestTickS, "/cohorts/mostS",
                "This must be leastS to 30.");
    }

    void checkPlatform()
    {
        if (m_error)
            return;
        const std::string& platform = m_scenario.group().cloudPlatform;
        require(std::ranges::count(m_scenario.providers, platform, &ProviderShape::platform) == 1, "/providers",
                "There must be exactly one of platform \"" + platform + "\", which the node group is on.");
    }

    void checkProvider(const ProviderShape& provider, const std::string& place)
    {
        require(isPercent(provider.failPercent), place + "/failPercent", "This must be 0 to 100.");
        require(isPercent(provider.hangPercent), place + "/hangPercent", "This must be 0 to 100.");
        const auto& boot = provider.boot;
        require(!boot.empty() && boot.front().percent == 0 && boot.back().percent == 100, place + "/boot",
                "The quantiles must begin with 0 and end with 100 percent.");
        for (std::size_t i = 1; i < boot.size(); ++i)
            require(boot[i].percent > boot[i - 1].percent && boot[i].seconds >= boot[i - 1].seconds,
                    place + "/boot/" + std::to_string(i), "Quantiles must grow.");
    }

    void checkTraffic(const Traffic& traffic, const std::string& place)
    {
        require(StreamKey::parse(traffic.stream).has_value(), place + "/stream",
                "This must be a stream like live/show.");
        require((traffic.liveS > 0) == (traffic.pauseS > 0) && traffic.liveS >= 0 && traffic.pauseS >= 0,
                place + "/pauseS", "A publisher that goes after a time, liveS, is away for a time, pauseS.");
        require(isPercent(traffic.noShowPercent), place + "/noShowPercent", "This must be 0 to 100.");
        const auto& points = traffic.viewers;
        require(!points.empty() && points.front().atS == 0, place + "/viewers", "The first point must be at 0.");
        for (std::size_t i = 0; i < points.size(); ++i) {
            const std::string at = place + "/viewers/" + std::to_string(i);
            require(points[i].viewers <= mostViewers, at + "/viewers", "At most 1,000,000 are simulated.");
            require(i == 0 || points[i].atS > points[i - 1].atS, at + "/atS", "Points must be in order of time.");
            require(points[i].atS <= longestS, at + "/atS", "This is more than 31 days.");
        }
        require(traffic.repeatS == 0 || points.empty() || traffic.repeatS >= points.back().atS, place + "/repeatS",
                "The curve is longer than this.");
    }

    void checkFault(const Fault& fault, const std::string& place)
    {
        require(fault.percent >= 1 && fault.percent <= 100, place + "/percent", "This must be 1 to 100.");
        const bool endsByItself = fault.kind == FaultKind::Kill || fault.kind == FaultKind::Lose;
        require(endsByItself || fault.forS > 0, place + "/forS", "A fault of this kind ends after some seconds.");
    }

    void checkCriteria()
    {
        const auto figures = namedFigures({});
        for (const auto& [name, limit] : m_scenario.atMost)
            require(std::ranges::count(figures, name, [](const auto& figure) { return figure.first; }) > 0,
                    "/atMost/" + name, "There is no such figure.");
    }

    const Scenario& m_scenario;
    std::optional<Error> m_error;
};

Json jsonOf(const ProviderShape& provider)
{
    Json boot = Json::array();
    for (const BootQuantile& quantile : provider.boot)
        boot.push_back({{"percent", quantile.percent}, {"seconds", quantile.seconds}});
    return {{"platform", provider.platform},
            {"boot", boot},
            {"failPercent", provider.failPercent},
            {"hangPercent", provider.hangPercent}};
}

Json jsonOf(const Traffic& traffic)
{
    Json points = Json::array();
    for (const CurvePoint& point : traffic.viewers)
        points.push_back({{"atS", point.atS}, {"viewers", point.viewers}});
    return {{"stream", traffic.stream},
            {"region", traffic.region},
            {"viewers", points},
            {"repeatS", traffic.repeatS},
            {"sessionS", traffic.sessionS},
            {"tokenless", traffic.isTokenless},
            {"noShowPercent", traffic.noShowPercent}};
}

}  // namespace

const ProviderShape& Scenario::provider() const
{
    const auto found = std::ranges::find(providers, group().cloudPlatform, &ProviderShape::platform);
    HG_CHECK(found != providers.end());
    return *found;
}

Result<Scenario> scenarioFromJson(std::string_view text)
{
    const auto json = native::parse(text);
    if (!json)
        return tl::unexpected(json.error());
    auto document = native::decodeDocument<ScenarioDocument>(*json);
    if (!document)
        return tl::unexpected(document.error());
    auto plan = native::planDocumentFromJson(document->plan);
    if (!plan) {
        plan.error().pointer = "/plan" + plan.error().pointer;
        return tl::unexpected(plan.error());
    }
    Scenario scenario = std::move(document->scenario);
    scenario.plan = std::move(*plan);
    scenario.traffic.assign(document->traffic.begin(), document->traffic.end());
    if (auto error = check(scenario))
        return tl::unexpected(std::move(*error));
    auto traffic = dividedAmongStreams(document->traffic);
    if (!traffic)
        return tl::unexpected(traffic.error());
    scenario.traffic = std::move(*traffic);
    return scenario;
}

std::optional<Error> check(const Scenario& scenario)
{
    return ScenarioRules(scenario).check();
}

std::string scenarioToJson(const Scenario& scenario)
{
    Json json = {{"name", scenario.name},
                 {"title", scenario.title},
                 {"start", toRfc3339(scenario.start)},
                 {"durationS", scenario.durationS},
                 {"warmUpS", scenario.warmUpS},
                 {"plan", native::toJson(scenario.plan)},
                 {"viewersPerNode", scenario.viewersPerNode},
                 {"atMost", scenario.atMost}};
    if (scenario.cohorts)
        json["cohorts"] = {{"leastS", scenario.cohorts->leastS}, {"mostS", scenario.cohorts->mostS}};
    for (const char* list : {"providers", "traffic", "faults"})
        json[list] = Json::array();
    for (const ProviderShape& provider : scenario.providers)
        json["providers"].push_back(jsonOf(provider));
    for (const Traffic& traffic : scenario.traffic)
        json["traffic"].push_back(jsonOf(traffic));
    for (const Fault& fault : scenario.faults)
        json["faults"].push_back({{"kind", wordsOf(fault.kind)[static_cast<std::size_t>(fault.kind)]},
                                  {"atS", fault.atS},
                                  {"forS", fault.forS},
                                  {"role", fault.role},
                                  {"region", fault.region},
                                  {"percent", fault.percent}});
    return json.dump(2) + "\n";
}

Duration usualLead(const ProviderShape& provider)
{
    return quantileOf(provider.boot, 95'000);
}

}  // namespace headgate::sim
