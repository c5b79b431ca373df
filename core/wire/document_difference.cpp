#include "core/wire/json_reader.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <array>
#include <map>

namespace headgate::native {
namespace {

constexpr std::array nameMembers = {"name", "roleName", "id"};

// The member by which the elements of an array are known, null if they have none in common.
const char* nameMember(const Json& elements)
{
    for (const char* candidate : nameMembers) {
        const bool isInAll = std::ranges::all_of(elements, [candidate](const Json& element) {
            return element.is_object() && element.contains(candidate) && element[candidate].is_string();
        });
        if (isInAll && !elements.empty())
            return candidate;
    }
    return nullptr;
}

std::map<std::string, std::size_t> indexByName(const Json& elements, const char* member)
{
    std::map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < elements.size(); ++i)
        index.emplace(elements[i][member].get<std::string>(), i);
    return index;
}

class Comparison
{
public:
    void compare(const Json& before, const Json& after, const std::string& pointer)
    {
        if (before == after)
            return;
        if (before.is_object() && after.is_object())
            compareObjects(before, after, pointer);
        else if (before.is_array() && after.is_array())
            compareArrays(before, after, pointer);
        else
            m_changes.push_back({pointer, write(before), write(after)});
    }

    std::vector<FieldChange> take() { return std::move(m_changes); }

private:
    void compareObjects(const Json& before, const Json& after, const std::string& pointer)
    {
        for (auto member = before.begin(); member != before.end(); ++member) {
            const std::string path = pointer + "/" + escapedForPointer(member.key());
            if (const auto other = after.find(member.key()); other != after.end())
                compare(*member, *other, path);
            else
                m_changes.push_back({path, write(*member), ""});
        }
        for (auto member = after.begin(); member != after.end(); ++member) {
            if (!before.contains(member.key()))
                m_changes.push_back({pointer + "/" + escapedForPointer(member.key()), "", write(*member)});
        }
    }

    void compareArrays(const Json& before, const Json& after, const std::string& pointer)
    {
        const Json& sample = before.empty() ? after : before;
        const char* member = nameMember(sample);
        if (!member || (!after.empty() && nameMember(after) != member)) {
            m_changes.push_back({pointer, write(before), write(after)});
            return;
        }
        const auto indexBefore = indexByName(before, member);
        const auto indexAfter = indexByName(after, member);
        if (indexBefore.size() != before.size() || indexAfter.size() != after.size()) {
            m_changes.push_back({pointer, write(before), write(after)});
            return;
        }
        compareNamed(before, after, pointer, indexBefore, indexAfter);
        compareOrder(before, after, pointer, member);
    }

    // An element keeps its place in the newer document; one that went has the place it had.
    void compareNamed(const Json& before, const Json& after, const std::string& pointer,
                      const std::map<std::string, std::size_t>& indexBefore,
                      const std::map<std::string, std::size_t>& indexAfter)
    {
        for (const auto& [name, i] : indexBefore) {
            if (const auto other = indexAfter.find(name); other != indexAfter.end())
                compare(before[i], after[other->second], pointer + "/" + std::to_string(other->second));
            else
                m_changes.push_back({pointer + "/" + std::to_string(i), write(before[i]), ""});
        }
        for (const auto& [name, i] : indexAfter) {
            if (!indexBefore.contains(name))
                m_changes.push_back({pointer + "/" + std::to_string(i), "", write(after[i])});
        }
    }

    void compareOrder(const Json& before, const Json& after, const std::string& pointer, const char* member)
    {
        const auto commonNames = [member](const Json& elements, const Json& others) {
            const auto known = indexByName(others, member);
            Json names = Json::array();
            for (const Json& element : elements) {
                if (known.contains(element[member].get<std::string>()))
                    names.push_back(element[member]);
            }
            return names;
        };
        const Json namesBefore = commonNames(before, after);
        const Json namesAfter = commonNames(after, before);
        if (namesBefore != namesAfter)
            m_changes.push_back({pointer, write(namesBefore), write(namesAfter)});
    }

    std::vector<FieldChange> m_changes;
};

}  // namespace

std::vector<FieldChange> difference(const Json& before, const Json& after)
{
    Comparison comparison;
    comparison.compare(before, after, "");
    return comparison.take();
}

}  // namespace headgate::native
