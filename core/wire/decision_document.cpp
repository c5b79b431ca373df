#include "core/wire/decision_document.h"

#include "core/wire/native_codec.h"

namespace headgate::native {

namespace {

Json listOf(const std::vector<DecisionFact>& facts)
{
    Json list = Json::array();
    for (const DecisionFact& fact : facts)
        list.push_back({{"name", fact.name}, {"value", fact.value}});
    return list;
}

std::vector<DecisionFact> factsIn(const Json& decision, const char* member)
{
    std::vector<DecisionFact> facts;
    const auto list = decision.find(member);
    if (list == decision.end() || !list->is_array())
        return facts;
    for (const Json& each : *list) {
        const bool isFact = each.is_object() && each.contains("name") && each["name"].is_string() &&
                            each.contains("value") && each["value"].is_string();
        if (isFact)
            facts.push_back({each["name"].get<std::string>(), each["value"].get<std::string>()});
    }
    return facts;
}

}  // namespace

std::string decisionDocument(const Decision& decision)
{
    const Json document = {
        {"rule", decision.rule}, {"values", listOf(decision.values)}, {"rejected", listOf(decision.rejected)}};
    return write({{"decision", document}});
}

std::optional<Decision> decisionIn(std::string_view text)
{
    // Most records have none, and many are looked at.
    if (!text.starts_with("{\"decision\":"))
        return std::nullopt;
    const auto json = parse(text);
    if (!json || !json->is_object() || !json->contains("decision"))
        return std::nullopt;
    const Json& document = (*json)["decision"];
    if (!document.is_object() || !document.contains("rule") || !document["rule"].is_string())
        return std::nullopt;
    return Decision{document["rule"].get<std::string>(), factsIn(document, "values"), factsIn(document, "rejected")};
}

}  // namespace headgate::native
