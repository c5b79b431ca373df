#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <string>

namespace headgate {

// Where in a store the files of a recording are, if not where the group has its own; empty members are the group's.
struct StorePlace
{
    std::string bucket;
    std::string folder;  // of object keys, without a slash at its ends

    bool isEmpty() const { return bucket.empty() && folder.empty(); }
    bool operator==(const StorePlace&) const = default;
};

// Names that a bucket may have, and folders of letters, digits, '-', '_', '.' and '/' that lead nowhere else.
bool isSound(const StorePlace& place);

// "cloudParams" of a provision's stream: {"bucketName","fileStorageName"}. InvalidArgument with the member's pointer.
Result<StorePlace> storePlaceOf(const nlohmann::json& cloudParams);

}  // namespace headgate
