#include "core/wire/stream_manager_metrics.h"

#include "core/wire/json_reader.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace headgate::stream_manager {

namespace {

constexpr int deepest = 8;
constexpr std::size_t mostMetrics = 1000;

// Whole numbers without a point.
Json numberOf(double value)
{
    constexpr double exact = 9e15;
    if (std::abs(value) < exact && std::trunc(value) == value)
        return static_cast<std::int64_t>(value);
    return value;
}

void put(Json& level, std::string_view name, double value)
{
    const std::size_t dot = name.find('.');
    const std::string head(name.substr(0, dot));
    auto found = std::ranges::find_if(level, [&](const Json& each) { return each["name"] == head; });
    if (found == level.end()) {
        level.push_back({{"name", head}});
        found = std::prev(level.end());
    }
    if (dot == std::string_view::npos) {
        (*found)["value"] = numberOf(value);
        return;
    }
    Json& children = (*found)["children"];
    if (children.is_null())
        children = Json::array();
    put(children, name.substr(dot + 1), value);
}

// Collects the metrics of a document.
class MetricReader
{
public:
    Result<MetricTable> take()
    {
        if (m_error)
            return tl::unexpected(std::move(*m_error));
        return std::move(m_metrics);
    }

    void readTree(const Json& list, const std::string& outer, const std::string& at, int depth)
    {
        if (!list.is_array())
            return complain(at, "A list of metrics is expected.");
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string here = at + "/" + std::to_string(i);
            const Json* name = memberOf(list[i], "name");
            if (!name || !name->is_string())
                return complain(here, "A metric with a name is expected.");
            const std::string full = outer + name->get<std::string>();
            if (const Json* value = memberOf(list[i], "value"); value && isRoomFor(full, here))
                readNumber(*value, here + "/value", [&](double number) { m_metrics[full].add(number); });
            if (const Json* children = memberOf(list[i], "children"); children && isShallow(depth, here))
                readTree(*children, full + ".", here + "/children", depth + 1);
        }
    }

    void readFigures(const Json& object, const std::string& outer, const std::string& at, int depth)
    {
        if (!object.is_object())
            return complain(at, "An object of metrics is expected.");
        for (const auto& [name, metric] : object.items()) {
            const std::string here = at + "/" + native::escapedForPointer(name);
            const std::string full = outer + name;
            if (!metric.is_object())
                return complain(here, "An object with sum, min, max and count is expected.");
            if (metric.contains("count") && isRoomFor(full, here))
                readFigure(metric, m_metrics[full], here);
            if (const Json* children = memberOf(metric, "children"); children && isShallow(depth, here))
                readFigures(*children, full + ".", here + "/children", depth + 1);
        }
    }

private:
    static const Json* memberOf(const Json& object, const char* name)
    {
        if (!object.is_object())
            return nullptr;
        const auto found = object.find(name);
        return found == object.end() || found->is_null() ? nullptr : &*found;
    }

    void complain(const std::string& at, std::string what)
    {
        if (!m_error)
            m_error = Error{ErrorCode::InvalidArgument, std::move(what), {}, at};
    }

    bool isShallow(int depth, const std::string& at)
    {
        if (depth >= deepest)
            complain(at, "Metrics are nested deeper than " + std::to_string(deepest) + ".");
        return depth < deepest;
    }

    bool isRoomFor(const std::string& name, const std::string& at)
    {
        if (m_metrics.size() < mostMetrics && !m_metrics.contains(name))
            return true;
        complain(at, m_metrics.contains(name) ? "There are two metrics " + name + "."
                                              : "There are more than " + std::to_string(mostMetrics) + " metrics.");
        return false;
    }

    template <typename Take>
    void readNumber(const Json& value, const std::string& at, const Take& take)
    {
        if (!value.is_number())
            return complain(at, "A number is expected.");
        take(value.get<double>());
    }

    void readFigure(const Json& metric, MetricFigures& figures, const std::string& at)
    {
        const auto read = [&](const char* name, double& out) {
            const Json* value = memberOf(metric, name);
            readNumber(value ? *value : Json(), at + "/" + name, [&](double number) { out = number; });
        };
        read("sum", figures.sum);
        read("min", figures.min);
        read("max", figures.max);
        const Json& count = metric["count"];
        if (count.is_number_integer() && count.get<std::int64_t>() >= 0)
            figures.count = count.get<std::int64_t>();
        else
            complain(at + "/count", "A whole number of nodes is expected.");
    }

    MetricTable m_metrics;
    std::optional<Error> m_error;
};

}  // namespace

Json metricsToJson(const NodeLoad& load)
{
    Json tree = Json::array();
    for (const NodeMetric& metric : metricsOf(load))
        put(tree, metric.name, metric.value);
    return tree;
}

Result<Evaluation> evaluationFromJson(const Json& json, ExpressionKind kind)
{
    const auto expression = json.is_object() ? json.find("expression") : json.end();
    if (!json.is_object() || expression == json.end() || !expression->is_string())
        return fail(ErrorCode::InvalidArgument, "An object with an expression and metrics is expected.", {},
                    "/expression");
    auto parsed = Expression::parse(expression->get<std::string>(), kind);
    if (!parsed) {
        parsed.error().pointer = "/expression";
        return tl::unexpected(std::move(parsed.error()));
    }
    const auto metrics = json.find("metrics");
    const Json& given = metrics == json.end() ? Json() : *metrics;
    MetricReader reader;
    if (kind == ExpressionKind::Scale)
        reader.readFigures(given, "", "/metrics", 1);
    else
        reader.readTree(given, "", "/metrics", 1);
    auto table = reader.take();
    if (!table)
        return tl::unexpected(std::move(table.error()));
    return Evaluation{std::move(*parsed), std::move(*table)};
}

Result<Json> resultOf(const Evaluation& evaluation)
{
    const auto value = valueOf(evaluation.expression, evaluation.metrics);
    if (!value)
        return fail(ErrorCode::InvalidArgument, "The expression has no value. " + value.error().message);
    Json result{{"shown", explain(evaluation.expression, evaluation.metrics)}};
    if (evaluation.expression.kind() == ExpressionKind::Scale) {
        result["result"] = *value != 0;
    } else {
        result["doubleResult"] = *value;
        result["integerResult"] = truncated(*value);
    }
    return result;
}

}  // namespace headgate::stream_manager
