#pragma once

#include "tests/plane/api_client.h"

#include <QtGlobal>

#include <fstream>
#include <functional>
#include <sstream>

// Documents and errors of the Stream Manager dialect.
namespace headgate::test {

using nlohmann::json;

inline json awsDocument()
{
    std::ifstream file(qEnvironmentVariable("HEADGATE_SOURCE_DIR").toStdString() +
                       "/tests/support/documents/aws_origin_edge.json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str());
}

// The same without a node to start.
inline json emptyDocument(const std::string& name)
{
    json document = awsDocument();
    document["name"] = name;
    const std::function<void(json&)> empty = [&empty](json& groups) {
        for (json& group : groups) {
            for (json& rule : group["rulesByRole"])
                rule["min"] = 0;
            if (group.contains("childGroups"))
                empty(group["childGroups"]);
            if (group["rulesByRole"].is_null())
                group.erase("rulesByRole");
        }
    };
    empty(document["groups"]);
    return document;
}

// Each known client reads another of the texts.
inline bool isError(const Answer& answer, int status)
{
    const json body = answer.json();
    return answer.status == status && answer.field("content-type") == "application/json" && body["status"] == status &&
           body["error"].is_string() && body["errorMessage"] == body["error"] && body["message"] == body["error"];
}

}  // namespace headgate::test
