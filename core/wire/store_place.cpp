#include "core/wire/store_place.h"

#include <algorithm>
#include <string_view>

namespace headgate {

namespace {

bool isWordPart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

bool isBucket(std::string_view name)
{
    constexpr std::size_t shortest = 3, longest = 63;
    return name.size() >= shortest && name.size() <= longest && name.front() != '.' &&
           std::ranges::all_of(name, isWordPart);
}

bool isFolder(std::string_view path)
{
    constexpr std::size_t longest = 512;
    if (path.size() > longest)
        return false;
    while (true) {
        const std::string_view part = path.substr(0, path.find('/'));
        if (part.empty() || part == "." || part == ".." || !std::ranges::all_of(part, isWordPart))
            return false;
        if (part.size() == path.size())
            return true;
        path.remove_prefix(part.size() + 1);
    }
}

std::string textOf(const nlohmann::json& object, const char* name)
{
    const auto member = object.find(name);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

}  // namespace

bool isSound(const StorePlace& place)
{
    return (place.bucket.empty() || isBucket(place.bucket)) && (place.folder.empty() || isFolder(place.folder));
}

Result<StorePlace> storePlaceOf(const nlohmann::json& cloudParams)
{
    StorePlace place;
    if (!cloudParams.is_object())
        return place;
    place.bucket = textOf(cloudParams, "bucketName");
    place.folder = textOf(cloudParams, "fileStorageName");
    const auto first = place.folder.find_first_not_of('/');
    place.folder = first == std::string::npos
                       ? std::string()
                       : place.folder.substr(first, place.folder.find_last_not_of('/') - first + 1);
    if (!isSound({place.bucket, {}}))
        return fail(ErrorCode::InvalidArgument, "\"bucketName\" is no name of a bucket.", {}, "/bucketName");
    if (!isSound({{}, place.folder}))
        return fail(
            ErrorCode::InvalidArgument,
            "\"fileStorageName\" is a folder of letters, digits, '-', '_', '.' and '/', of 512 characters at most.", {},
            "/fileStorageName");
    return place;
}

}  // namespace headgate
