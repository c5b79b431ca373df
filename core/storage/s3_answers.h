#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What a store answers, in its XML. Whatever it is, it is read as far as it can be understood.
namespace headgate::s3 {

struct Object
{
    std::string key;
    std::int64_t bytes = 0;
    std::string etag{};  // without quotes

    bool operator==(const Object&) const = default;
};

struct Listing
{
    std::vector<Object> objects{};
    std::vector<std::string> folders{};  // common prefixes
    std::string next{};                  // empty: no more
};

struct Part
{
    int number = 0;
    std::int64_t bytes = 0;
    std::string etag{};
};

struct Upload
{
    std::string key;
    std::string id;
    std::string began;  // "2027-06-26T18:42:18.000Z"
};

Listing listingIn(std::string_view xml);
std::vector<Part> partsIn(std::string_view xml);
// Uploads in parts that are not finished.
std::vector<Upload> uploadsIn(std::string_view xml);
std::string textIn(std::string_view xml, std::string_view element);  // of the first one; empty if there is none

// What a refusal means to whoever has set the store up.
Error errorOf(int status, std::string_view xml, const std::string& bucket);

}  // namespace headgate::s3
