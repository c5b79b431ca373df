#pragma once

#include "core/base/result.h"
#include "core/domain/client_place.h"

#include <maxminddb.h>

#include <memory>
#include <optional>
#include <string>

namespace headgate {

// One database file in the format of MaxMind, as it was when it was opened. Any thread.
class GeoDatabase
{
public:
    // NotFound or InvalidArgument names the file and why.
    static Result<std::shared_ptr<const GeoDatabase>> open(const std::string& file);
    ~GeoDatabase();
    GeoDatabase(const GeoDatabase&) = delete;
    GeoDatabase& operator=(const GeoDatabase&) = delete;

    struct Entry
    {
        std::optional<GeoPosition> position;
        std::string country;  // "DE"; empty if it is not told
    };

    // None if the address is not in it.
    std::optional<Entry> find(const AddressBytes& address) const;

private:
    explicit GeoDatabase(const MMDB_s& base) : m_base(base) {}

    MMDB_s m_base;
};

}  // namespace headgate
