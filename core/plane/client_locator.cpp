#include "core/plane/client_locator.h"

#include "core/plane/country_places.h"
#include "core/plane/geo_database.h"
#include "core/plane/ip_address.h"

#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

namespace headgate {

namespace {

constexpr auto lookEvery = std::chrono::seconds(1);

// What tells one state of a file from another.
using FileMark = std::tuple<ino_t, off_t, time_t, long>;

FileMark markOf(const std::string& file)
{
    struct stat status = {};
    if (::stat(file.c_str(), &status) != 0)
        return {};
    return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

}  // namespace

class ClientLocator::Private
{
public:
    Private() = default;

    Private(std::string file, FileMark mark, std::shared_ptr<const GeoDatabase> database)
        : m_file(std::move(file)),
          m_countries(countryPlaces()),
          m_mark(mark),
          m_database(std::move(database)),
          m_watcher([this](const std::stop_token& stop) { watch(stop); })
    {}

    std::optional<GeoPosition> positionOf(const AddressBytes& bytes) const
    {
        const auto current = database();
        const auto entry = current ? current->find(bytes) : std::nullopt;
        if (!entry || entry->position)
            return entry ? entry->position : std::nullopt;
        const auto country = m_countries.find(entry->country);
        return country == m_countries.end() ? std::nullopt : std::optional(country->second);
    }

private:
    std::shared_ptr<const GeoDatabase> database() const
    {
        const std::lock_guard lock(m_mutex);
        return m_database;
    }

    void watch(const std::stop_token& stop)
    {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any wake;
        while (!wake.wait_for(lock, stop, lookEvery, [&] { return stop.stop_requested(); }))
            look();
    }

    void look()
    {
        const FileMark mark = markOf(m_file);
        if (mark == m_mark)
            return;
        m_mark = mark;
        auto fresh = GeoDatabase::open(m_file);
        if (!fresh) {
            std::fprintf(stderr, "%s The one before goes on.\n", fresh.error().message.c_str());
            return;
        }
        const std::lock_guard lock(m_mutex);
        m_database = std::move(*fresh);
    }

    std::string m_file;
    std::map<std::string, GeoPosition> m_countries;
    FileMark m_mark;  // of the watcher alone
    mutable std::mutex m_mutex;
    std::shared_ptr<const GeoDatabase> m_database;  // guarded by it
    std::jthread m_watcher;                         // last: it uses the members above
};

Result<std::unique_ptr<ClientLocator>> ClientLocator::open(const std::string& file)
{
    if (file.empty())
        return std::unique_ptr<ClientLocator>(new ClientLocator(std::make_unique<Private>()));
    const FileMark mark = markOf(file);
    auto database = GeoDatabase::open(file);
    if (!database)
        return tl::unexpected(database.error());
    return std::unique_ptr<ClientLocator>(
        new ClientLocator(std::make_unique<Private>(file, mark, std::move(*database))));
}

ClientLocator::ClientLocator(std::unique_ptr<Private> d) : m_d(std::move(d))
{}

ClientLocator::~ClientLocator() = default;

ClientPlace ClientLocator::placeOf(const std::string& address) const
{
    const auto bytes = addressBytes(address);
    if (!bytes)
        return {};
    return {ClientAddress::of(*bytes), m_d->positionOf(*bytes)};
}

}  // namespace headgate
