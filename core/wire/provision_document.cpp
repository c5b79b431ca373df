#include "core/wire/provision_document.h"

#include "core/wire/job_document.h"
#include "core/wire/json_reader.h"
#include "core/wire/json_writer.h"
#include "core/wire/stream_manager_provisions.h"

namespace headgate::native {

Result<SentProvision> sentProvisionFromJson(const Json& json)
{
    if (!json.is_object())
        return wrongType(json, "an object");
    ObjectReader reader(json);
    SentProvision sent;
    Json document;
    reader.required("nodeGroup", sent.nodeGroup);
    reader.required("provision", document);
    if (auto read = reader.finish(); !read)
        return tl::unexpected(std::move(read.error()));
    auto provision = stream_manager::provisionFromJson(document);
    if (!provision)
        return insideMember(std::move(provision.error()), "provision");
    if (auto checked = checkJobs(provision->document); !checked)
        return insideMember(std::move(checked.error()), "provision");
    sent.provision = std::move(*provision);
    return sent;
}

Json sentPartOf(const ShownProvision& shown)
{
    return {{"nodeGroup", shown.stored.nodeGroup.value}, {"provision", shown.document}};
}

Json toJson(const ShownProvision& shown)
{
    const StoredProvision& stored = shown.stored;
    Json json = sentPartOf(shown);
    json["guid"] = stored.provision.guid;
    json["streams"] = Encode::value(stored.provision.streams);
    json["capabilities"] = Encode::value(stored.provision.capabilities);
    json["distributedAt"] = Encode::value(stored.distributedAt);
    json["version"] = stored.version;
    json["createdAt"] = toRfc3339(stored.createdAt);
    json["updatedAt"] = toRfc3339(stored.updatedAt);
    json["updatedBy"] = stored.updatedBy;
    json["uid"] = stored.origin.uid;
    json["createdBy"] = stored.origin.createdBy;
    return json;
}

Result<StoredProvision> storedProvisionFromJson(const Json& json)
{
    if (!json.is_object())
        return wrongType(json, "an object");
    ObjectReader reader(json);
    StoredProvision stored;
    Json document;
    reader.required("nodeGroup", stored.nodeGroup);
    reader.required("provision", document);
    reader.required("guid", stored.provision.guid);
    reader.required("streams", stored.provision.streams);
    reader.required("capabilities", stored.provision.capabilities);
    reader.optional("distributedAt", stored.distributedAt);
    reader.required("version", stored.version);
    reader.required("createdAt", stored.createdAt);
    reader.required("updatedAt", stored.updatedAt);
    reader.required("updatedBy", stored.updatedBy);
    reader.optional("uid", stored.origin.uid);
    reader.optional("createdBy", stored.origin.createdBy);
    if (auto read = reader.finish(); !read)
        return tl::unexpected(std::move(read.error()));
    stored.provision.document = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    return stored;
}

std::string nameOf(const ProvisionKey& key)
{
    return key.nodeGroup.value + '/' + key.guid;
}

std::optional<ProvisionKey> provisionKeyOf(std::string_view name)
{
    const auto slash = name.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    return ProvisionKey{NodeGroupName(std::string(name.substr(0, slash))), std::string(name.substr(slash + 1))};
}

}  // namespace headgate::native
