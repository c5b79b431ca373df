#pragma once

#include <string>

namespace headgate {

// Where an object came from. It stays as long as the object does.
struct ObjectOrigin
{
    std::string uid;  // 20 hexadecimal digits, never given twice: who deletes an object and makes it anew gets another
    std::string createdBy;  // empty: nobody knows any more

    bool operator==(const ObjectOrigin&) const = default;
};

}  // namespace headgate
