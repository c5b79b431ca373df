#include "core/domain/node_group.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace headgate {

namespace {

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

// Properties are joined from the group over the subgroups down to the role's image; the innermost wins.
struct PoolCollector
{
    const NodeGroup& group;
    std::vector<Pool> pools;

    void collect(const Subgroup& subgroup, const std::string& outerProperties)
    {
        const std::string properties = outerProperties + ";" + subgroup.cloudProperties;
        for (const Subgroup& child : subgroup.children)
            collect(child, properties);
        if (!subgroup.isLeaf())
            return;
        for (const ScaleRule& rule : subgroup.rules) {
            const Role* role = group.findRole(rule.roleName);
            const NodeImage* image = role ? group.findImage(role->imageName) : nullptr;
            const std::string merged = properties + ";" + (image ? image->cloudProperties : std::string());
            Pool pool{{group.name, subgroup.name, rule.roleName}, rule, subgroup.name};
            if (const auto region = cloudProperty(merged, "region"); region && !region->empty())
                pool.region = *region;
            pools.push_back(std::move(pool));
        }
    }
};

}  // namespace

const Role* NodeGroup::findRole(const std::string& roleName) const
{
    const auto it = std::find_if(roles.begin(), roles.end(), [&](const Role& role) { return role.name == roleName; });
    return it != roles.end() ? &*it : nullptr;
}

const NodeImage* NodeGroup::findImage(const std::string& imageName) const
{
    const auto it =
        std::find_if(images.begin(), images.end(), [&](const NodeImage& image) { return image.name == imageName; });
    return it != images.end() ? &*it : nullptr;
}

std::vector<Pool> poolsOf(const NodeGroup& group)
{
    PoolCollector collector{group, {}};
    for (const Subgroup& subgroup : group.subgroups)
        collector.collect(subgroup, group.cloudProperties);
    std::stable_sort(collector.pools.begin(), collector.pools.end(),
                     [](const Pool& a, const Pool& b) { return a.key < b.key; });
    return std::move(collector.pools);
}

void changeSecrets(NodeGroup& group,
                   const std::function<std::string(const std::string& secret, const std::string& pointer)>& change)
{
    const auto inside = [&change](const char* member) {
        return [&change, member](const std::string& secret, const char* pointer) {
            return change(secret, std::string(member) + pointer);
        };
    };
    changeSecrets(group.access, inside("/access"));
    changeSecrets(group.recording, inside("/recording"));
    changeSecrets(group.iceServers, inside("/iceServers"));
}

std::optional<std::string> cloudProperty(const std::string& cloudProperties, const std::string& key)
{
    std::optional<std::string> value;
    std::string_view rest = cloudProperties;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view entry = rest.substr(0, end);
        if (const std::size_t equals = entry.find('='); equals != std::string_view::npos) {
            if (trimmed(entry.substr(0, equals)) == key)
                value = std::string(trimmed(entry.substr(equals + 1)));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return value;
}

}  // namespace headgate
