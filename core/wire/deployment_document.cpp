#include "core/wire/deployment_document.h"

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

Result<CreateDeployment> newDeploymentFromJson(Json json)
{
    CreateDeployment command;
    if (json.is_object() && json.contains("content")) {
        auto content = planDocumentFromJson(json["content"]);
        if (!content) {
            content.error().pointer = "/content" + content.error().pointer;
            return tl::unexpected(content.error());
        }
        command.content = std::move(*content);
        json.erase("content");
    }
    auto deployment = deploymentFromJson(json);
    if (!deployment)
        return tl::unexpected(deployment.error());
    command.deployment = std::move(*deployment);
    return command;
}

}  // namespace headgate::native
