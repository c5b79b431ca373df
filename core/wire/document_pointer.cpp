#include "core/wire/native_codec.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace headgate::native {
namespace {

// The member by which decoding sorts the list with this name, null if it keeps its order.
const char* sortedBy(std::string_view list)
{
    if (list == "images" || list == "roles")
        return "name";
    return list == "rules" ? "roleName" : nullptr;
}

// Which element of `list` is the one at `index` after sorting; `index` itself if the list cannot be sorted.
std::size_t placeBeforeSorting(const Json& list, const char* member, std::size_t index)
{
    const bool hasNames = std::ranges::all_of(list, [member](const Json& element) {
        return element.is_object() && element.contains(member) && element[member].is_string();
    });
    if (!hasNames || index >= list.size())
        return index;
    std::vector<std::size_t> order(list.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return list[i][member].get_ref<const std::string&>(); });
    return order[index];
}

}  // namespace

std::string pointerInDocument(const Json& document, const std::string& pointer)
{
    const Json* at = &document;
    std::string result;
    std::string_view list;
    std::string_view rest = pointer;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view token = rest.substr(0, rest.find('/'));
        rest.remove_prefix(token.size());
        if (at && at->is_array()) {
            std::size_t index = 0;
            std::from_chars(token.data(), token.data() + token.size(), index);
            if (const char* member = sortedBy(list))
                index = placeBeforeSorting(*at, member, index);
            result += "/" + std::to_string(index);
            at = index < at->size() ? &(*at)[index] : nullptr;
            continue;
        }
        // Names of members above a list hold neither '~' nor '/'.
        list = token;
        result.append("/").append(token);
        at = at && at->is_object() && at->contains(token) ? &(*at)[std::string(token)] : nullptr;
    }
    return result;
}

}  // namespace headgate::native
