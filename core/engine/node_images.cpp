#include "core/engine/node_images.h"

#include <algorithm>
#include <map>
#include <set>

namespace headgate::node_images {

namespace {

void addUses(const StoredNodeGroup& stored, std::map<std::string, NodeImageStatus>& images)
{
    for (const NodeImage& image : stored.group.images) {
        if (image.image.empty())
            continue;
        NodeImageStatus& status = images[image.image];
        status.record.name = image.image;
        NodeImageUse use{stored.group.name, image.name, {}, 0};
        for (const Role& role : stored.group.roles) {
            if (role.imageName == image.name)
                use.roles.push_back(role.name);
        }
        status.uses.push_back(std::move(use));
    }
}

void addNode(const NodeRecord& record, NodeImageStatus& status)
{
    const auto use = std::ranges::find_if(status.uses, [&](const NodeImageUse& each) {
        return each.nodeGroup == record.node.pool.nodeGroup && each.imageName == record.node.imageName;
    });
    if (use != status.uses.end())
        ++use->nodes;
    std::vector<std::string>& versions = status.softwareVersions;
    const auto place = std::ranges::lower_bound(versions, record.softwareVersion);
    if (!record.softwareVersion.empty() && (place == versions.end() || *place != record.softwareVersion))
        versions.insert(place, record.softwareVersion);
}

}  // namespace

std::vector<NodeImageStatus> statuses(const EngineModel& model)
{
    std::map<std::string, NodeImageStatus> images;
    for (const auto& [name, stored] : model.images)
        images[name] = {stored.record, stored.version, stored.createdAt, stored.updatedAt, stored.updatedBy, {}, {},
                        stored.origin};
    for (const auto& [name, stored] : model.groups)
        addUses(stored, images);
    for (const auto& [id, record] : model.nodes) {
        const auto status = images.find(model.imageOf(record.node));
        if (status != images.end() && !record.isGone)
            addNode(record, status->second);
    }
    std::vector<NodeImageStatus> result;
    for (auto& [name, status] : images)
        result.push_back(std::move(status));
    return result;
}

StoredNodeImage find(const EngineModel& model, const std::string& name)
{
    if (const auto it = model.images.find(name); it != model.images.end())
        return it->second;
    StoredNodeImage none;
    none.record.name = name;
    none.version = 0;
    return none;
}

NodeImageRecord withMeasurement(NodeImageRecord record, const CapacityMeasurement& measurement)
{
    auto& all = record.measurements;
    all.insert(all.begin(), measurement);
    if (all.size() > NodeImageRecord::mostMeasurements)
        all.resize(NodeImageRecord::mostMeasurements);
    return record;
}

std::string usersText(const EngineModel& model, const std::string& name)
{
    std::string text;
    for (const auto& [groupName, stored] : model.groups) {
        for (const NodeImage& image : stored.group.images) {
            if (image.image == name)
                text +=
                    (text.empty() ? "node group " : ", node group ") + groupName.value + " (image " + image.name + ")";
        }
    }
    return text;
}

}  // namespace headgate::node_images
