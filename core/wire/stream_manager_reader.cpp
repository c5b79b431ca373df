#include "core/wire/lenient_reader.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_codec.h"
#include "core/wire/stream_manager_overrides.h"

#include <algorithm>
#include <cctype>

namespace headgate::stream_manager {
namespace {

std::string upperCase(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string restAsText(const Json& rest)
{
    return rest.empty() ? std::string() : native::write(rest);
}

// The name inside the object, else the key under which it stands.
std::string nameOf(LenientReader& reader, std::string_view member, const LenientReader::Element& element)
{
    std::string name = reader.text(member);
    return name.empty() ? element.key : name;
}

void addMissingRules(std::vector<Subgroup>& subgroups, const std::vector<Role>& roles)
{
    for (Subgroup& subgroup : subgroups) {
        addMissingRules(subgroup.children, roles);
        for (const Role& role : roles) {
            if (!subgroup.isLeaf() || std::ranges::count(subgroup.rules, role.name, &ScaleRule::roleName) > 0)
                continue;
            ScaleRule none;
            none.roleName = role.name;
            subgroup.rules.push_back(std::move(none));
        }
        std::ranges::stable_sort(subgroup.rules, {}, &ScaleRule::roleName);
    }
}

class GroupReader
{
public:
    Result<NodeGroup> read(const Json& json)
    {
        LenientReader reader(json, "");
        NodeGroup group;
        group.name = NodeGroupName(reader.text("name"));
        if (group.name.isEmpty())
            reader.failAt("name", "The node group has no name.", "Give it 1 to 16 characters.");
        group.description = reader.text("description");
        group.cloudPlatform = reader.text("cloudPlatform");
        group.cloudProperties = reader.text("cloudProperties");
        group.isScalingPaused = reader.isSet("isScalingPaused");
        group.maxPublishers = reader.number("maxPublishers");
        group.maxSubscribers = reader.number("maxSubscribers");
        group.shuffleSizeExpression = reader.text("shuffleSizeExpression");
        refuseOverlays(reader);
        reader.member("clusterPassword");
        readOwnSettings(reader, group);
        for (const auto& element : reader.elements("images"))
            group.images.push_back(image(element));
        for (const auto& element : reader.elements("roles"))
            group.roles.push_back(role(element));
        for (const auto& element : subgroupElements(reader))
            group.subgroups.push_back(subgroup(element));
        std::ranges::stable_sort(group.images, {}, &NodeImage::name);
        std::ranges::stable_sort(group.roles, {}, &Role::name);
        stream_manager::addMissingRules(group);
        group.extensions = restAsText(reader.rest());
        if (!m_isAccessOwn)
            group.access = accessOfOverrides(group.extensions);
        if (!m_isRecordingOwn)
            group.recording = recordingOfOverrides(group.extensions);
        keepError(reader);
        if (m_error)
            return tl::unexpected(*m_error);
        return group;
    }

private:
    void keepError(const LenientReader& reader)
    {
        if (!m_error)
            m_error = reader.error();
    }

    static void refuseOverlays(LenientReader& reader)
    {
        for (const char* name : {"baseNodeGroupName", "schedules"}) {
            const Json* member = reader.member(name);
            if (member && !(member->is_string() ? *member == "" : member->empty())) {
                reader.fail({ErrorCode::Unsupported, "A node group with \"" + std::string(name) + "\" is a plan.",
                             "Import it as one.", reader.pointerTo(name)});
            }
        }
    }

    template <typename Word>
    static void readWord(LenientReader& members, const char* name, Result<Word> (*fromWord)(std::string_view),
                         Word& value)
    {
        const std::string word = members.text(name);
        if (word.empty())
            return;
        if (const auto read = fromWord(word))
            value = *read;
        else
            members.failAt(name, read.error().message);
    }

    // Whether it is there.
    template <typename Settings>
    static bool readDocument(LenientReader& members, const char* name, Result<Settings> (*fromJson)(const Json&),
                             Settings& settings)
    {
        const Json* member = members.member(name);
        if (!member)
            return false;
        if (auto read = fromJson(*member))
            settings = std::move(*read);
        else
            members.failAt(name + read.error().pointer, read.error().message);
        return true;
    }

    void readOwnSettings(LenientReader& reader, NodeGroup& group)
    {
        const Json* own = reader.member(ownMember);
        if (!own)
            return;
        LenientReader members(*own, reader.pointerTo(ownMember));
        readDocument(members, "media", native::mediaSettingsFromJson, group.media);
        m_isAccessOwn = readDocument(members, "access", native::accessSettingsFromJson, group.access);
        m_isRecordingOwn = readDocument(members, "recording", native::recordingSettingsFromJson, group.recording);
        readDocument(members, "iceServers", native::iceServersFromJson, group.iceServers);
        readWord(members, "whenFull", native::whenFullFromWord, group.whenFull);
        readWord(members, "publicRouting", native::publicRoutingFromWord, group.publicRouting);
        if (const Json rest = members.rest(); !rest.empty())
            members.failAt(rest.begin().key(), "There is no such setting.",
                           "Use media, access, recording, iceServers, whenFull and publicRouting.");
        if (members.error())
            reader.fail(*members.error());
    }

    // The field list of the interface says "subGroups", every client sends "groups".
    static std::vector<LenientReader::Element> subgroupElements(LenientReader& reader)
    {
        auto groups = reader.elements("groups");
        auto subGroups = reader.elements("subGroups");
        if (!groups.empty() && !subGroups.empty())
            reader.failAt("subGroups", "The document has both \"groups\" and \"subGroups\".", "Leave one of them out.");
        return groups.empty() ? subGroups : groups;
    }

    NodeImage image(const LenientReader::Element& element)
    {
        LenientReader reader(*element.json, element.pointer);
        NodeImage image;
        image.name = nameOf(reader, "name", element);
        image.image = reader.text("image");
        image.cloudProperties = reader.text("cloudProperties");
        image.tags = tags(reader);
        image.extensions = restAsText(reader.rest());
        keepError(reader);
        return image;
    }

    static std::map<std::string, std::string> tags(LenientReader& reader)
    {
        std::map<std::string, std::string> tags;
        const Json* member = reader.member("tags");
        if (!member)
            return tags;
        if (!member->is_object()) {
            reader.failAt("tags", "\"tags\" must be an object.");
            return tags;
        }
        LenientReader values(*member, reader.pointerTo("tags"));
        for (auto tag = member->begin(); tag != member->end(); ++tag)
            tags[tag.key()] = values.text(tag.key());
        if (values.error())
            reader.fail(*values.error());
        return tags;
    }

    Role role(const LenientReader::Element& element)
    {
        LenientReader reader(*element.json, element.pointer);
        Role role;
        role.name = nameOf(reader, "name", element);
        role.imageName = reader.text("imageName");
        role.parentRoleName = reader.text("parentRoleName");
        role.parentCardinality = cardinality(reader);
        role.lifecycle = lifecycle(reader);
        Json unknownCapabilities = Json::array();
        for (const std::string& word : reader.words("capabilities")) {
            const Capability capability = capabilityOf(upperCase(word));
            role.capabilities.insert(capability);
            if (capability == Capability::Other)
                unknownCapabilities.push_back(word);
        }
        Json rest = reader.rest();
        if (!unknownCapabilities.empty())
            rest["capabilities"] = std::move(unknownCapabilities);
        role.extensions = restAsText(rest);
        keepError(reader);
        return role;
    }

    static Capability capabilityOf(const std::string& word)
    {
        if (word == "PUBLISH")
            return Capability::Publish;
        if (word == "SUBSCRIBE")
            return Capability::Subscribe;
        if (word == "TRANSCODE")
            return Capability::Transcode;
        return word == "MIX" ? Capability::Mix : Capability::Other;
    }

    static ParentCardinality cardinality(LenientReader& reader)
    {
        const std::string word = upperCase(reader.text("parentCardinality"));
        if (word == "SUBGROUP")
            return ParentCardinality::Subgroup;
        if (word == "AUTOGROUP")
            return ParentCardinality::AutoGroup;
        if (!word.empty() && word != "GLOBAL")
            reader.failAt("parentCardinality", "\"" + word + "\" is no parent cardinality.",
                          "Use GLOBAL, SUBGROUP or AUTOGROUP.");
        return ParentCardinality::Global;
    }

    static RoleLifecycle lifecycle(LenientReader& reader)
    {
        const std::string word = upperCase(reader.text("lifecycle"));
        if (!word.empty() && word != "AUTO" && word != "MANUAL")
            reader.failAt("lifecycle", "\"" + word + "\" is no lifecycle of a role.", "Use AUTO or MANUAL.");
        return word == "MANUAL" ? RoleLifecycle::Manual : RoleLifecycle::Automatic;
    }

    Subgroup subgroup(const LenientReader::Element& element)
    {
        LenientReader reader(*element.json, element.pointer);
        reader.member("nodeGroupName");
        Subgroup subgroup;
        subgroup.name = nameOf(reader, "subGroupName", element);
        subgroup.groupType = reader.text("groupType");
        subgroup.cloudProperties = reader.text("cloudProperties");
        for (const auto& child : reader.elements("childGroups"))
            subgroup.children.push_back(this->subgroup(child));
        for (const auto& ruleElement : reader.elements("rulesByRole"))
            subgroup.rules.push_back(rule(ruleElement));
        subgroup.extensions = restAsText(reader.rest());
        keepError(reader);
        return subgroup;
    }

    ScaleRule rule(const LenientReader::Element& element)
    {
        LenientReader reader(*element.json, element.pointer);
        reader.member("nodeGroupName");
        reader.member("subGroupName");
        ScaleRule rule;
        rule.roleName = nameOf(reader, "nodeRoleName", element);
        rule.min = reader.number("min").value_or(0);
        rule.max = reader.number("max").value_or(0);
        rule.increment = reader.number("increment").value_or(1);
        rule.outExpression = reader.text("outExpression");
        rule.inExpression = reader.text("inExpression");
        rule.capacityRankingExpression = reader.text("capacityRankingExpression");
        rule.capacityLimitExpression = reader.text("capacityLimitExpression");
        readOwnSettings(reader, rule);
        rule.extensions = restAsText(reader.rest());
        keepError(reader);
        return rule;
    }

    static void readOwnSettings(LenientReader& reader, ScaleRule& rule)
    {
        const Json* own = reader.member(ownMember);
        if (!own)
            return;
        LenientReader members(*own, reader.pointerTo(ownMember));
        if (const Json* load = members.member("load")) {
            auto settings = native::loadScalingFromJson(*load);
            if (settings) {
                rule.load = *settings;
            } else {
                settings.error().pointer = members.pointerTo("load") + settings.error().pointer;
                members.fail(settings.error());
            }
        }
        if (const Json rest = members.rest(); !rest.empty())
            members.failAt(rest.begin().key(), "There is no such setting.", "Use load.");
        if (members.error())
            reader.fail(*members.error());
    }

    std::optional<Error> m_error;
    bool m_isAccessOwn = false;  // else it follows from the overrides
    bool m_isRecordingOwn = false;
};

}  // namespace

void addMissingRules(NodeGroup& group)
{
    addMissingRules(group.subgroups, group.roles);
}

Result<NodeGroup> nodeGroupFromJson(const Json& json)
{
    return GroupReader().read(json);
}

}  // namespace headgate::stream_manager
