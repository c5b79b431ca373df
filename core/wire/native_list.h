#pragma once

#include "core/base/result.h"
#include "core/wire/native_routes.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Lists of the native interface: filtered, sorted and cut into pages.
namespace headgate::native {

using Json = nlohmann::json;

// By which items are filtered and sorted.
struct ListField
{
    std::string_view name;     // of the query parameter
    std::string_view pointer;  // JSON Pointer into an item (RFC 6901)
};

struct ListShape
{
    std::string_view name;  // of the member that holds the items
    std::span<const ListField> fields;
    std::size_t identity = 1;  // so many of the first fields tell items apart
};

// Of a route that answers a list of objects.
ListShape shapeOf(Route route, PlanItemKind kind = PlanItemKind::Schedule);

// What one request wants of a list:
//   state=INSERVICE,STARTED   items whose field is one of these
//   sort=viewers              ascending, sort=-viewers descending; equal ones and no sort by identity
//   limit=50                  so many items, 1 to 1000; all if absent
//   cursor=...                those after the page that ended with this nextCursor
class ListWish
{
public:
    // InvalidArgument that names the parameter, also for one that the list does not have.
    static Result<ListWish> read(const ListShape& shape, std::span<const std::pair<std::string, std::string>> query);

    // {"nodes":[...],"total":17,"nextCursor":"..."}: total counts what the filters let through, and nextCursor is there
    // while more follows. Items that come and go between two pages move no others.
    Json page(std::vector<Json> items) const;

private:
    explicit ListWish(const ListShape& shape) : m_shape(shape) {}
    Result<void> readLimit(const std::string& text);
    Result<void> readSort(const std::string& text);
    Result<void> readCursor(const std::string& text);

    Json keyOf(const Json& item) const;
    bool isBefore(const Json& key, const Json& other) const;
    bool isWanted(const Json& item) const;

    ListShape m_shape;
    std::vector<std::pair<Json::json_pointer, std::vector<std::string>>> m_filters;
    std::string m_sort;                     // as it was asked for, "-viewers"; empty: by identity
    std::vector<Json::json_pointer> m_key;  // by which items are sorted, the identity last
    bool m_isDescending = false;            // the first of them
    std::size_t m_limit = 0;                // 0: all
    Json m_after;                           // key of the last item of the page before; null: from the beginning
};

}  // namespace headgate::native
