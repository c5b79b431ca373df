#include "core/plane/geo_database.h"

#include "core/plane/ip_address.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace headgate {

namespace {

class Descriptor
{
public:
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return m_number; }

private:
    int m_number;
};

// 0, or the number of the error.
int copyAll(int from, int to)
{
    std::array<char, 65536> bytes;
    for (;;) {
        const ssize_t count = ::read(from, bytes.data(), bytes.size());
        if (count == 0)
            return 0;
        if (count < 0 || ::write(to, bytes.data(), static_cast<std::size_t>(count)) != count)
            return errno != 0 ? errno : EIO;
    }
}

std::optional<double> numberAt(MMDB_entry_s entry, const char* outer, const char* inner)
{
    MMDB_entry_data_s value{};
    const int status = MMDB_get_value(&entry, &value, outer, inner, nullptr);
    if (status != MMDB_SUCCESS || !value.has_data || value.type != MMDB_DATA_TYPE_DOUBLE)
        return std::nullopt;
    return value.double_value;
}

bool isWithin(const std::optional<double>& degrees, double most)
{
    return degrees && std::abs(*degrees) <= most;
}

}  // namespace

// The library maps the file into memory, and a file that is overwritten while it is mapped ends the process: so it gets
// a copy that nobody else has.
Result<std::shared_ptr<const GeoDatabase>> GeoDatabase::open(const std::string& file)
{
    const Descriptor source(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status = {};
    if (source.number() < 0 || ::fstat(source.number(), &status) != 0)
        return fail(ErrorCode::NotFound, "The database of places " + file + " cannot be read: " + std::strerror(errno),
                    "Check its name and who may read it.");
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::InvalidArgument, "The database of places " + file + " is no file.", "Name the file.");
    const Descriptor copy(::memfd_create("places", MFD_CLOEXEC));
    if (const int error = copyAll(source.number(), copy.number()); error != 0)
        return fail(ErrorCode::Unavailable,
                    "The database of places " + file + " cannot be taken into memory: " + std::strerror(error));
    MMDB_s base{};
    const std::string path = "/proc/self/fd/" + std::to_string(copy.number());
    if (const int problem = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &base); problem != MMDB_SUCCESS)
        return fail(ErrorCode::InvalidArgument,
                    "The file " + file + " is no database in MaxMind's format: " + MMDB_strerror(problem),
                    "Give one like GeoLite2-City.mmdb.");
    return std::shared_ptr<const GeoDatabase>(new GeoDatabase(base));
}

GeoDatabase::~GeoDatabase()
{
    MMDB_close(&m_base);
}

std::optional<GeoDatabase::Entry> GeoDatabase::find(const AddressBytes& address) const
{
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    std::memcpy(&six.sin6_addr, address.data(), address.size());
    sockaddr_in four{};
    four.sin_family = AF_INET;
    std::memcpy(&four.sin_addr, address.data() + 12, 4);
    sockaddr_storage place{};
    if (isIpv4(address))
        std::memcpy(&place, &four, sizeof four);
    else
        std::memcpy(&place, &six, sizeof six);
    int error = 0;
    MMDB_lookup_result_s found =
        MMDB_lookup_sockaddr(&m_base, reinterpret_cast<const sockaddr*>(&place), &error);  // as sockets want it
    if (error != MMDB_SUCCESS || !found.found_entry)
        return std::nullopt;
    Entry entry;
    const auto latitude = numberAt(found.entry, "location", "latitude");
    const auto longitude = numberAt(found.entry, "location", "longitude");
    if (isWithin(latitude, 90) && isWithin(longitude, 180))
        entry.position = GeoPosition{*latitude, *longitude};
    MMDB_entry_data_s country{};
    const int status = MMDB_get_value(&found.entry, &country, "country", "iso_code", nullptr);
    if (status == MMDB_SUCCESS && country.has_data && country.type == MMDB_DATA_TYPE_UTF8_STRING)
        entry.country.assign(country.utf8_string, country.data_size);
    return entry;
}

}  // namespace headgate
