#include "core/domain/node_group.h"
#include "core/expression/metric_names.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace headgate {

namespace {

constexpr std::size_t maxNameLength = 16;
constexpr std::size_t maxImageNameLength = 255;
constexpr std::size_t maxTextLength = 4096;  // descriptions, expressions, properties
constexpr std::size_t maxTags = 10;
constexpr int maxNodesPerRule = 1024;
constexpr int maxDepth = 16;

bool isAlphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isGroupNameCharacter(char c)
{
    return isAlphanumeric(c) || c == '-' || c == '_' || c == '.';
}

bool isRoleNameCharacter(char c)
{
    return isAlphanumeric(c) || c == '_' || c == '.' || c == ' ';
}

// Subgroups are listed with commas and stand in paths.
bool isSubgroupNameCharacter(char c)
{
    return isGroupNameCharacter(c) || c == ' ';
}

bool isPrintable(char c)
{
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
}

class Checker
{
public:
    explicit Checker(const NodeGroup& group) : m_group(group) {}

    std::vector<Error> run()
    {
        checkGroup();
        checkImages();
        checkRoles();
        checkParents();
        for (std::size_t i = 0; i < m_group.subgroups.size(); ++i)
            checkSubgroup(m_group.subgroups[i], "/subgroups/" + std::to_string(i), 1);
        return std::move(m_errors);
    }

private:
    void complain(std::string pointer, std::string message, std::string remedy = {})
    {
        m_errors.push_back({ErrorCode::InvalidArgument, std::move(message), std::move(remedy), std::move(pointer)});
    }

    void checkName(const std::string& name, bool (*isAllowed)(char), const std::string& what,
                   const std::string& characters, const std::string& pointer)
    {
        if (name.empty())
            complain(pointer, what + " needs a name.", "Give it 1 to 16 characters.");
        else if (name.size() > maxNameLength)
            complain(pointer, what + " name \"" + name + "\" has " + std::to_string(name.size()) + " characters.",
                     "Names have 1 to 16 characters.");
        else if (!std::all_of(name.begin(), name.end(), isAllowed))
            complain(pointer, what + " name \"" + name + "\" has a character that is not allowed.",
                     "Use " + characters + " only.");
    }

    void checkUnique(std::set<std::string>& seen, const std::string& name, const std::string& what,
                     const std::string& pointer)
    {
        if (!name.empty() && !seen.insert(name).second)
            complain(pointer, "There are two " + what + " with the name \"" + name + "\".", "Rename one of them.");
    }

    void checkLength(const std::string& text, const std::string& what, const std::string& pointer)
    {
        if (text.size() > maxTextLength)
            complain(pointer, what + " has " + std::to_string(text.size()) + " characters, and 4096 is the most.");
    }

    // Documents in use leave expressions out, also where a rule could scale; then the lowest number holds.
    void checkExpression(const std::string& text, ExpressionKind kind, const std::string& what,
                         const std::string& pointer)
    {
        if (text.empty())
            return;
        const auto expression = Expression::parse(text, kind);
        const auto sound = expression ? checkMetrics(*expression) : tl::unexpected(expression.error());
        if (!sound)
            complain(pointer, what + " cannot be read. " + sound.error().message, sound.error().remedy);
    }

    void checkRange(int value, int lowest, const std::string& what, const std::string& pointer)
    {
        if (value < lowest || value > maxNodesPerRule)
            complain(pointer, what + " is " + std::to_string(value) + ", and it must be " + std::to_string(lowest) +
                                  " to 1024.");
    }

    void checkLimit(const std::optional<int>& limit, const std::string& what, const std::string& pointer)
    {
        if (limit && *limit < 0)
            complain(pointer, what + " is negative.", "Write 0 or more, or leave it out for no limit.");
    }

    void checkGroup()
    {
        checkName(m_group.name.value, isGroupNameCharacter, "The node group", "letters, digits and - _ .", "/name");
        if (m_group.name.value == "default")
            complain("/name", "The name \"default\" is reserved: it stands for the only node group there is.",
                     "Choose another name.");
        if (m_group.cloudPlatform.empty())
            complain("/cloudPlatform", "The cloud platform is missing.", "Write LOCAL to run nodes on this machine.");
        checkLength(m_group.description, "The description", "/description");
        checkLength(m_group.cloudProperties, "The cloud properties", "/cloudProperties");
        checkExpression(m_group.shuffleSizeExpression, ExpressionKind::Shuffle, "The shuffleSizeExpression",
                        "/shuffleSizeExpression");
        checkLimit(m_group.maxPublishers, "The limit of publishers", "/maxPublishers");
        checkLimit(m_group.maxSubscribers, "The limit of viewers", "/maxSubscribers");
        for (Error& error : validate(m_group.media))
            complain("/media" + error.pointer, std::move(error.message));
        for (Error& error : validate(m_group.access))
            complain("/access" + error.pointer, std::move(error.message), std::move(error.remedy));
        for (Error& error : validate(m_group.recording))
            complain("/recording" + error.pointer, std::move(error.message));
        for (Error& error : validate(m_group.iceServers))
            complain("/iceServers" + error.pointer, std::move(error.message));
    }

    void checkImages()
    {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < m_group.images.size(); ++i) {
            const NodeImage& image = m_group.images[i];
            const std::string at = "/images/" + std::to_string(i);
            if (image.name.empty() || image.name.size() > maxImageNameLength ||
                !std::all_of(image.name.begin(), image.name.end(), isPrintable))
                complain(at + "/name", "An image needs a name of 1 to 255 printable characters.");
            checkUnique(seen, image.name, "images", at + "/name");
            if (image.image.size() > maxImageNameLength)
                complain(at + "/image", "What image \"" + image.name + "\" starts has more than 255 characters.");
            checkLength(image.cloudProperties, "The cloud properties", at + "/cloudProperties");
            if (image.tags.size() > maxTags)
                complain(at + "/tags", "Image \"" + image.name + "\" has more than 10 tags.");
        }
    }

    void checkRoles()
    {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < m_group.roles.size(); ++i) {
            const Role& role = m_group.roles[i];
            const std::string at = "/roles/" + std::to_string(i);
            checkName(role.name, isRoleNameCharacter, "The role", "letters, digits and _ . but no -", at + "/name");
            checkUnique(seen, role.name, "roles", at + "/name");
            if (!m_group.findImage(role.imageName))
                complain(at + "/imageName",
                         "Role \"" + role.name + "\" uses the image \"" + role.imageName + "\", which is not there.",
                         "Add the image or name one of the group's images.");
            if (!role.parentRoleName.empty() && !m_group.findRole(role.parentRoleName))
                complain(at + "/parentRoleName",
                         "Role \"" + role.name + "\" pulls from role \"" + role.parentRoleName +
                             "\", which is not there.",
                         "Add that role or leave the parent empty.");
        }
    }

    void checkParents()
    {
        for (std::size_t i = 0; i < m_group.roles.size(); ++i) {
            const Role& start = m_group.roles[i];
            std::size_t steps = 0;
            const Role* role = m_group.findRole(start.parentRoleName);
            while (role && role->name != start.name && ++steps <= m_group.roles.size())
                role = m_group.findRole(role->parentRoleName);
            if (role && role->name == start.name)
                complain("/roles/" + std::to_string(i) + "/parentRoleName",
                         "Role \"" + start.name + "\" is its own parent, directly or over other roles.",
                         "A chain of parents must end at a role without one.");
        }
    }

    void checkSubgroup(const Subgroup& subgroup, const std::string& at, int depth)
    {
        checkName(subgroup.name, isSubgroupNameCharacter, "The subgroup", "letters, digits and - _ .", at + "/name");
        checkUnique(m_subgroups, subgroup.name, "subgroups", at + "/name");
        checkLength(subgroup.cloudProperties, "The cloud properties", at + "/cloudProperties");
        checkLength(subgroup.groupType, "The group type", at + "/groupType");
        if (depth > maxDepth) {
            complain(at, "Subgroups are nested deeper than 16.");
            return;
        }
        if (!subgroup.isLeaf() && !subgroup.rules.empty())
            complain(at + "/rules",
                     "Subgroup \"" + subgroup.name + "\" has subgroups of its own, so it cannot hold scale rules.",
                     "Move the rules into its subgroups.");
        for (std::size_t i = 0; i < subgroup.children.size(); ++i)
            checkSubgroup(subgroup.children[i], at + "/children/" + std::to_string(i), depth + 1);
        if (subgroup.isLeaf())
            checkRules(subgroup, at + "/rules");
    }

    void checkRules(const Subgroup& subgroup, const std::string& at)
    {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < subgroup.rules.size(); ++i) {
            const ScaleRule& rule = subgroup.rules[i];
            const std::string ruleAt = at + "/" + std::to_string(i);
            if (!m_group.findRole(rule.roleName))
                complain(ruleAt + "/roleName", "A scale rule of subgroup \"" + subgroup.name + "\" is for role \"" +
                                                   rule.roleName + "\", which is not there.");
            if (!seen.insert(rule.roleName).second)
                complain(ruleAt + "/roleName",
                         "Subgroup \"" + subgroup.name + "\" has two scale rules for role \"" + rule.roleName + "\".");
            checkRule(rule, subgroup.name, ruleAt);
        }
        for (const Role& role : m_group.roles) {
            if (!seen.contains(role.name))
                complain(at, "Subgroup \"" + subgroup.name + "\" has no scale rule for role \"" + role.name + "\".",
                         "Add one; min 0 and max 0 leave the role out.");
        }
    }

    void checkRule(const ScaleRule& rule, const std::string& subgroup, const std::string& at)
    {
        checkRange(rule.min, 0, "The lowest number of nodes", at + "/min");
        checkRange(rule.max, 0, "The highest number of nodes", at + "/max");
        if (rule.min > rule.max)
            complain(at + "/max", "The highest number of nodes (" + std::to_string(rule.max) +
                                      ") is below the lowest (" + std::to_string(rule.min) + ").");
        checkRange(rule.increment, 1, "The increment", at + "/increment");
        const auto check = [&](const std::string& text, ExpressionKind kind, const std::string& member) {
            checkExpression(text, kind, "The " + member + " of role " + rule.roleName + " in " + subgroup,
                            at + "/" + member);
        };
        check(rule.outExpression, ExpressionKind::Scale, "outExpression");
        check(rule.inExpression, ExpressionKind::Scale, "inExpression");
        check(rule.capacityRankingExpression, ExpressionKind::Capacity, "capacityRankingExpression");
        check(rule.capacityLimitExpression, ExpressionKind::Capacity, "capacityLimitExpression");
        if (rule.load)
            checkLoad(rule, subgroup, at + "/load");
    }

    void checkLoad(const ScaleRule& rule, const std::string& subgroup, const std::string& at)
    {
        const auto checkPercent = [&](int value, int lowest, int highest, const char* what, const char* member) {
            if (value < lowest || value > highest)
                complain(at + "/" + member, std::string(what) + " is " + std::to_string(value) +
                                                " percent, and it must be " + std::to_string(lowest) + " to " +
                                                std::to_string(highest) + ".");
        };
        checkPercent(rule.load->targetPercent, 10, 95, "The target", "targetPercent");
        checkPercent(rule.load->bufferPercent, 0, 400, "The buffer", "bufferPercent");
        if (rule.load->standby < 0 || rule.load->standby > maxNodesPerRule)
            complain(at + "/standby", "The number of nodes that stand by is " + std::to_string(rule.load->standby) +
                                          ", and it must be 0 to " + std::to_string(maxNodesPerRule) + ".");
        if (!rule.outExpression.empty() || !rule.inExpression.empty())
            complain(at,
                     "The rule of role " + rule.roleName + " in " + subgroup + " scales by load and by expressions.",
                     "Leave out load, or outExpression and inExpression.");
    }

    const NodeGroup& m_group;
    std::set<std::string> m_subgroups;
    std::vector<Error> m_errors;
};

}  // namespace

std::vector<Error> validate(const NodeGroup& group)
{
    return Checker(group).run();
}

}  // namespace headgate
