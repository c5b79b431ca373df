#include "core/wire/native_list.h"

#include "core/base/check.h"
#include "core/wire/base64.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace headgate::native {

namespace {

constexpr std::size_t mostItems = 1000;

constexpr auto nodeFields = std::to_array<ListField>({
    {"id", "/node/id"},
    {"nodeGroup", "/node/pool/nodeGroup"},
    {"subgroup", "/node/pool/subgroup"},
    {"role", "/node/pool/role"},
    {"region", "/node/region"},
    {"state", "/node/state"},
    {"health", "/node/health"},
    {"imageName", "/node/imageName"},
    {"createdAt", "/node/createdAt"},
    {"viewers", "/load/subscribers"},
    {"publishers", "/load/publishers"},
    {"cpuPercent", "/load/cpuPercent"},
    {"bitsOutPerSecond", "/load/bitsOutPerSecond"},
});

constexpr auto streamFields = std::to_array<ListField>({
    {"nodeGroup", "/nodeGroup"},
    {"stream", "/ingest/stream"},
    {"origin", "/origin"},
    {"protocol", "/ingest/protocol"},
    {"viewers", "/viewers"},
    {"bitsPerSecond", "/ingest/bitsPerSecond"},
    {"startedAt", "/ingest/startedAt"},
});

constexpr auto nodeGroupFields = std::to_array<ListField>({
    {"name", "/group/name"},
    {"cloudPlatform", "/group/cloudPlatform"},
    {"isScalingPaused", "/group/isScalingPaused"},
    {"activity", "/activity"},
    {"configuration", "/configuration"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

constexpr auto nodeImageFields = std::to_array<ListField>({
    {"name", "/image/name"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

constexpr auto regionFields = std::to_array<ListField>({
    {"name", "/region/name"},
    {"title", "/region/title"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

constexpr auto userFields = std::to_array<ListField>({
    {"name", "/name"},
    {"role", "/role"},
    {"state", "/state"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

constexpr auto deploymentFields = std::to_array<ListField>({
    {"name", "/deployment/name"},
    {"power", "/power"},
    {"state", "/state"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

constexpr auto provisionFields = std::to_array<ListField>({
    {"nodeGroup", "/nodeGroup"},
    {"guid", "/guid"},
    {"distributedAt", "/distributedAt"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

constexpr auto jobFields = std::to_array<ListField>({
    {"nodeGroup", "/nodeGroup"},
    {"id", "/report/id"},
    {"node", "/node"},
    {"kind", "/report/kind"},
    {"state", "/report/state"},
    {"stream", "/report/stream"},
    {"since", "/report/since"},
    {"bitsPerSecond", "/report/bitsPerSecond"},
});

constexpr auto planItemFields = std::to_array<ListField>({
    {"id", "/item/id"},
    {"nodeGroup", "/item/scope/nodeGroup"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

constexpr auto namedPlanItemFields = std::to_array<ListField>({
    {"name", "/item/name"},
    {"createdAt", "/createdAt"},
    {"updatedAt", "/updatedAt"},
    {"updatedBy", "/updatedBy"},
    {"uid", "/uid"},
    {"createdBy", "/createdBy"},
});

Error invalid(std::string_view parameter, const std::string& what)
{
    return Error{ErrorCode::InvalidArgument, "The query parameter " + std::string(parameter) + " " + what, {}, {}};
}

std::string namesOf(const ListShape& shape)
{
    std::string names;
    for (const ListField& field : shape.fields)
        names.append(names.empty() ? "" : ", ").append(field.name);
    return names;
}

const ListField* fieldOf(const ListShape& shape, std::string_view name)
{
    const auto field = std::ranges::find(shape.fields, name, &ListField::name);
    return field == shape.fields.end() ? nullptr : &*field;
}

Json::json_pointer pointerTo(std::string_view pointer)
{
    return Json::json_pointer(std::string(pointer));
}

Json valueAt(const Json& item, const Json::json_pointer& pointer)
{
    return item.contains(pointer) ? item.at(pointer) : Json();
}

std::string textOf(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : write(value);
}

std::vector<std::string> partsOf(std::string_view text)
{
    std::vector<std::string> parts;
    while (true) {
        const auto comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        if (comma == std::string_view::npos)
            return parts;
        text.remove_prefix(comma + 1);
    }
}

// base64url (RFC 4648, section 5), so that nothing of it needs escapes in a query.
std::string cursorOf(const Json& json)
{
    std::string text = base64Encoded(write(json));
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text.substr(0, text.find('='));
}

Json jsonOfCursor(std::string text)
{
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    const auto decoded = base64Decoded(text);
    const auto json = decoded ? parse(*decoded) : tl::unexpected(Error{});
    return json.value_or(Json());
}

}  // namespace

ListShape shapeOf(Route route, PlanItemKind kind)
{
    switch (route) {
    case Route::ListNodes:
        return {"nodes", nodeFields};
    case Route::ListStreams:
        return {"streams", streamFields, 2};
    case Route::ListNodeGroups:
        return {"nodeGroups", nodeGroupFields};
    case Route::ListNodeImages:
        return {"nodeImages", nodeImageFields};
    case Route::ListRegions:
        return {"regions", regionFields};
    case Route::ListDeployments:
        return {"deployments", deploymentFields};
    case Route::ListUsers:
        return {"users", userFields};
    case Route::ListJobs:
        return {"jobs", jobFields, 2};
    case Route::ListProvisions:
        return {"provisions", provisionFields, 2};
    default:
        break;
    }
    HG_CHECK(route == Route::ListPlanItems);
    switch (kind) {
    case PlanItemKind::Schedule:
        return {"schedules", planItemFields};
    case PlanItemKind::Overlay:
        return {"overlays", planItemFields};
    case PlanItemKind::ExclusionSet:
        return {"exclusionSets", namedPlanItemFields};
    case PlanItemKind::Limit:
        return {"limits", namedPlanItemFields};
    case PlanItemKind::Configuration:
        return {"configurations", namedPlanItemFields};
    }
    unreachable();
}

Result<ListWish> ListWish::read(const ListShape& shape, std::span<const std::pair<std::string, std::string>> query)
{
    ListWish wish(shape);
    std::string cursor;
    for (const auto& [name, value] : query) {
        const ListField* field = fieldOf(shape, name);
        Result<void> taken;
        if (name == "limit")
            taken = wish.readLimit(value);
        else if (name == "sort")
            taken = wish.readSort(value);
        else if (name == "cursor")
            cursor = value;
        else if (field)
            wish.m_filters.emplace_back(pointerTo(field->pointer), partsOf(value));
        else
            taken = tl::unexpected(
                invalid(name, "is not known here. There are limit, cursor, sort, " + namesOf(shape) + "."));
        if (!taken)
            return tl::unexpected(taken.error());
    }
    for (const ListField& field : shape.fields.first(shape.identity))
        wish.m_key.push_back(pointerTo(field.pointer));
    if (const auto taken = wish.readCursor(cursor); !taken)
        return tl::unexpected(taken.error());
    return wish;
}

Result<void> ListWish::readLimit(const std::string& text)
{
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, m_limit);
    if (error != std::errc() || end != last || m_limit < 1 || m_limit > mostItems)
        return tl::unexpected(invalid("limit", "is an integer from 1 to " + std::to_string(mostItems) + "."));
    return {};
}

Result<void> ListWish::readSort(const std::string& text)
{
    m_isDescending = text.starts_with('-');
    const ListField* field = fieldOf(m_shape, std::string_view(text).substr(m_isDescending ? 1 : 0));
    if (!field)
        return tl::unexpected(
            invalid("sort", "is one of " + namesOf(m_shape) + ", with - before it to turn it round."));
    m_sort = text;
    m_key = {pointerTo(field->pointer)};
    return {};
}

Result<void> ListWish::readCursor(const std::string& text)
{
    if (text.empty())
        return {};
    const Json cursor = jsonOfCursor(text);
    if (!cursor.is_array() || cursor.size() != 2 || cursor[0] != m_sort || !cursor[1].is_array() ||
        cursor[1].size() != m_key.size())
        return tl::unexpected(invalid("cursor", "is no nextCursor of this list in this order."));
    m_after = cursor[1];
    return {};
}

Json ListWish::keyOf(const Json& item) const
{
    Json key = Json::array();
    for (const Json::json_pointer& pointer : m_key)
        key.push_back(valueAt(item, pointer));
    return key;
}

bool ListWish::isBefore(const Json& key, const Json& other) const
{
    if (m_isDescending && key[0] != other[0])
        return other[0] < key[0];
    return key < other;
}

bool ListWish::isWanted(const Json& item) const
{
    return std::ranges::all_of(m_filters, [&item](const auto& filter) {
        const auto& [pointer, wanted] = filter;
        return std::ranges::find(wanted, textOf(valueAt(item, pointer))) != wanted.end();
    });
}

Json ListWish::page(std::vector<Json> items) const
{
    std::erase_if(items, [this](const Json& item) { return !isWanted(item); });
    std::vector<std::pair<Json, Json>> sorted;  // key and item
    sorted.reserve(items.size());
    for (Json& item : items) {
        Json key = keyOf(item);
        sorted.emplace_back(std::move(key), std::move(item));
    }
    const auto order = [this](const Json& key, const Json& other) { return isBefore(key, other); };
    std::ranges::sort(sorted, order, &std::pair<Json, Json>::first);
    auto begin = sorted.begin();
    if (!m_after.is_null())
        begin = std::ranges::upper_bound(sorted, m_after, order, &std::pair<Json, Json>::first);
    const auto rest = static_cast<std::size_t>(std::distance(begin, sorted.end()));
    const auto end = begin + static_cast<std::ptrdiff_t>(m_limit == 0 ? rest : std::min(rest, m_limit));
    Json list = Json::array();
    for (auto each = begin; each != end; ++each)
        list.push_back(std::move(each->second));
    Json page{{"total", sorted.size()}};
    page[std::string(m_shape.name)] = std::move(list);
    if (end != sorted.end())
        page["nextCursor"] = cursorOf(Json{m_sort, std::prev(end)->first});
    return page;
}

}  // namespace headgate::native
