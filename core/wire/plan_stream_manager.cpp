#include "core/wire/lenient_reader.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/stream_manager_codec.h"

#include <algorithm>
#include <map>

namespace headgate::stream_manager {
namespace {

using Element = LenientReader::Element;
using NamedElements = std::multimap<std::string, Element>;

// The elements of the members, by the name inside or else the key.
NamedElements elementsOf(const Element& object, const std::vector<std::string>& members, const char* nameMember)
{
    LenientReader reader(*object.json, object.pointer);
    NamedElements elements;
    for (const std::string& member : members) {
        for (const Element& each : reader.elements(member)) {
            const std::string name = LenientReader(*each.json, each.pointer).text(nameMember);
            elements.emplace(name.empty() ? each.key : name, each);
        }
    }
    return elements;
}

template <typename Value>
std::vector<std::string> namesOf(const std::vector<Value>& values, std::string Value::*name)
{
    std::vector<std::string> names;
    for (const Value& value : values)
        names.push_back(value.*name);
    return names;
}

// Members of one schedule; "timeZone" is ours, Stream Manager has none and means UTC.
struct ReadOpening
{
    std::string key;
    ConfigurationOverlay::Opening opening;
    std::string pointer;
};

Result<ReadOpening> openingFromJson(const Element& element)
{
    LenientReader reader(*element.json, element.pointer);
    ReadOpening read{element.key, {}, element.pointer};
    read.opening.name = reader.text("name");
    if (read.opening.name.empty())
        read.opening.name = element.key;
    if (read.key.empty())
        read.key = read.opening.name;
    if (read.key.empty() || read.key.size() > 255)
        reader.failAt("name", "The name of a schedule has 1 to 255 characters.");
    CronTiming& timing = read.opening.timing;
    auto cron = CronExpression::parse(reader.text("startAt"));
    if (!cron)
        reader.failAt("startAt", cron.error().message, cron.error().remedy);
    else
        timing.cron = std::move(*cron);
    const auto duration = reader.number("durationS");
    if (!duration || *duration < 60 || *duration > 31'536'000)
        reader.failAt("durationS", "The duration is 60 to 31536000 seconds.");
    timing.duration = seconds(duration.value_or(60));
    if (reader.error())
        return tl::unexpected(*reader.error());
    // What says no more than the default is left where it was.
    if (!element.json->contains("timeZone") || (*element.json)["timeZone"] != timing.zone)
        timing.zone = reader.text("timeZone").empty() ? timing.zone : reader.text("timeZone");
    if (reader.error())
        return tl::unexpected(*reader.error());
    if (const Json rest = reader.rest(); !rest.empty())
        read.opening.extensions = native::write(rest);
    return read;
}

class DocumentReader
{
public:
    Result<PlacedPlan> read(const Json& json)
    {
        Result<void> added;
        if (!json.is_array())
            added = addConfiguration(json, "");
        for (std::size_t i = 0; json.is_array() && added && i < json.size(); ++i)
            added = addConfiguration(json[i], "/" + std::to_string(i));
        if (!added)
            return tl::unexpected(std::move(added.error()));
        return std::move(m_read);
    }

private:
    Result<void> addConfiguration(const Json& json, const std::string& pointer)
    {
        LenientReader reader(json, pointer);
        const std::string base = reader.text("baseNodeGroupName");
        std::vector<ReadOpening> openings;
        for (const Element& element : reader.elements("schedules")) {
            auto opening = openingFromJson(element);
            if (!opening)
                return tl::unexpected(std::move(opening.error()));
            if (std::ranges::count(openings, opening->key, &ReadOpening::key) > 0)
                reader.failAt("schedules", "Two schedules have the name \"" + opening->key + "\".");
            openings.push_back(std::move(*opening));
        }
        if (!base.empty() && openings.empty())
            reader.failAt("schedules", "An overlay has at least one schedule.");
        if (reader.error())
            return tl::unexpected(*reader.error());
        Json plain = json;
        plain.erase("baseNodeGroupName");
        plain.erase("schedules");
        auto group = nodeGroupFromJson(plain);
        if (!group) {
            group.error().pointer = pointer + group.error().pointer;
            return tl::unexpected(std::move(group.error()));
        }
        if (base.empty())
            addGroup(json, pointer, std::move(*group), openings);
        else
            addOverlay(json, pointer, {std::move(*group), NodeGroupName(base), {}}, openings);
        return {};
    }

    void addGroup(const Json& json, const std::string& pointer, NodeGroup group,
                  const std::vector<ReadOpening>& openings)
    {
        PlanDocument& document = m_read.document;
        for (const ReadOpening& each : openings) {
            const std::string place = "/schedules/" + std::to_string(document.schedules.size());
            placeOpening(place, each.pointer);
            Schedule schedule;
            schedule.id = group.name.value + "/" + each.key;
            schedule.name = each.opening.name;
            schedule.scope.nodeGroup = group.name;
            schedule.timing = each.opening.timing;
            schedule.extensions = each.opening.extensions;
            document.schedules.push_back(std::move(schedule));
        }
        placeGroup("/nodeGroups/" + std::to_string(document.nodeGroups.size()), {{}, &json, pointer}, group);
        document.nodeGroups.push_back(std::move(group));
    }

    void addOverlay(const Json& json, const std::string& pointer, ConfigurationOverlay overlay,
                    const std::vector<ReadOpening>& openings)
    {
        const std::string place = "/configurations/" + std::to_string(m_read.document.configurations.size());
        m_read.places[place] = pointer;
        m_read.places[place + "/base"] = pointer + "/baseNodeGroupName";
        m_read.places[place + "/openings"] = pointer + "/schedules";
        for (const ReadOpening& each : openings) {
            placeOpening(place + "/openings/" + std::to_string(overlay.openings.size()), each.pointer);
            overlay.openings.push_back(each.opening);
            Json extensions = each.opening.extensions.empty() ? Json::object() : Json::parse(each.opening.extensions);
            // Openings have one name; where the document has two, the key is kept and the other one beside it.
            if (each.key != each.opening.name) {
                extensions["name"] = each.opening.name;
                overlay.openings.back().name = each.key;
                overlay.openings.back().extensions = native::write(extensions);
            }
        }
        placeGroup(place + "/configuration", {{}, &json, pointer}, overlay.configuration);
        m_read.document.configurations.push_back(std::move(overlay));
    }

    void placeOpening(const std::string& native, const std::string& pointer)
    {
        m_read.places[native] = pointer;
        m_read.places[native + "/timing/cron"] = pointer + "/startAt";
        m_read.places[native + "/timing/durationS"] = pointer + "/durationS";
        m_read.places[native + "/timing/zone"] = pointer + "/timeZone";
    }

    void placeGroup(const std::string& native, const Element& document, const NodeGroup& group)
    {
        m_read.places[native] = document.pointer;
        placeEach(native + "/images", elementsOf(document, {"images"}, "name"),
                  namesOf(group.images, &NodeImage::name));
        placeEach(native + "/roles", elementsOf(document, {"roles"}, "name"), namesOf(group.roles, &Role::name));
        placeSubgroups(native + "/subgroups", elementsOf(document, {"groups", "subGroups"}, "subGroupName"),
                       group.subgroups);
    }

    void placeSubgroups(const std::string& native, NamedElements elements, const std::vector<Subgroup>& subgroups)
    {
        const auto found = placeEach(native, std::move(elements), namesOf(subgroups, &Subgroup::name));
        for (std::size_t i = 0; i < subgroups.size(); ++i) {
            if (!found[i].json)
                continue;
            const std::string below = native + "/" + std::to_string(i);
            placeEach(below + "/rules", elementsOf(found[i], {"rulesByRole"}, "nodeRoleName"),
                      namesOf(subgroups[i].rules, &ScaleRule::roleName));
            placeSubgroups(below + "/children", elementsOf(found[i], {"childGroups"}, "subGroupName"),
                           subgroups[i].children);
        }
    }

    // Remembers where each of `names` stands, and returns what is there.
    std::vector<Element> placeEach(const std::string& native, NamedElements elements,
                                   const std::vector<std::string>& names)
    {
        std::vector<Element> found(names.size(), {{}, nullptr, {}});
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto element = elements.find(names[i]);
            if (element == elements.end())
                continue;
            found[i] = element->second;
            m_read.places[native + "/" + std::to_string(i)] = found[i].pointer;
            elements.erase(element);
        }
        return found;
    }

    PlacedPlan m_read;
};

}  // namespace

std::string PlacedPlan::placeOf(const std::string& pointer) const
{
    for (std::string above = pointer;;) {
        const auto place = places.find(above);
        if (place != places.end())
            return place->second + pointer.substr(above.size());
        const auto slash = above.rfind('/');
        if (slash == std::string::npos)
            return pointer;
        above.erase(slash);
    }
}

Result<PlacedPlan> placedPlanFromJson(const Json& json)
{
    return DocumentReader().read(json);
}

Result<PlanDocument> planDocumentFromJson(const Json& json)
{
    auto read = placedPlanFromJson(json);
    if (!read)
        return tl::unexpected(std::move(read.error()));
    return std::move(read->document);
}

}  // namespace headgate::stream_manager
