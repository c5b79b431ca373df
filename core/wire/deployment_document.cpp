#include "core/wire/deployment_document.h"

#include "core/wire/json_reader.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"

#include <utility>

namespace headgate::native {

Json toJson(const CreateDeployment& command)
{
    Json json = toJson(command.deployment);
    json["content"] = toJson(command.content);
    return json;
}

Result<CreateDeployment> newDeploymentFromJson(const Json& json)
{
    CreateDeployment command;
    if (json.is_object() && json.contains("content")) {
        auto content = planDocumentFromJson(json["content"]);
        if (!content)
            return insideMember(std::move(content.error()), "content");
        command.content = std::move(*content);
    }
    auto deployment = deploymentFromJson(withoutMember(json, "content"));
    if (!deployment)
        return tl::unexpected(std::move(deployment.error()));
    command.deployment = std::move(*deployment);
    return command;
}

}  // namespace headgate::native
