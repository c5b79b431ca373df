#pragma once

#include "core/base/result.h"
#include "core/domain/client_place.h"

#include <memory>
#include <string>

namespace headgate {

// Where clients are, by their addresses and a database in the format of MaxMind. What it says of a city counts, else
// the first place of the country in the machine's list of time zones. The file is kept in memory and read again within
// about a second when it changes; the one before stays if the new one cannot be read, which is told on standard error.
class ClientLocator
{
public:
    // Nobody's position is known without a file. NotFound or InvalidArgument names the file and why.
    static Result<std::unique_ptr<ClientLocator>> open(const std::string& file);
    ~ClientLocator();

    // Of an IPv4 or IPv6 literal; of anything else nothing is known. Any thread, waits for nobody.
    ClientPlace placeOf(const std::string& address) const;

private:
    class Private;
    explicit ClientLocator(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
