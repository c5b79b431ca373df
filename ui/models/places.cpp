#include "ui/models/places.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace headgate {

namespace {

struct KnownRegion
{
    std::string_view id;
    const char* name;
    double latitude;
    double longitude;
};

// Regions of AWS, OCI, Google Cloud, Azure, DigitalOcean and Linode by the names that their consoles use; positions
// are those of the city, to a tenth of a degree.
constexpr std::array knownRegions{
    KnownRegion{"us-east-1", "Ashburn", 39.0, -77.5},
    KnownRegion{"us-east-2", "Columbus", 40.0, -83.0},
    KnownRegion{"us-west-1", "San Jose", 37.3, -121.9},
    KnownRegion{"us-west-2", "Portland", 45.8, -119.7},
    KnownRegion{"ca-central-1", "Montreal", 45.5, -73.6},
    KnownRegion{"ca-west-1", "Calgary", 51.0, -114.1},
    KnownRegion{"mx-central-1", "Querétaro", 20.6, -100.4},
    KnownRegion{"sa-east-1", "São Paulo", -23.5, -46.6},
    KnownRegion{"eu-central-1", "Frankfurt", 50.1, 8.7},
    KnownRegion{"eu-central-2", "Zurich", 47.4, 8.5},
    KnownRegion{"eu-west-1", "Dublin", 53.3, -6.3},
    KnownRegion{"eu-west-2", "London", 51.5, -0.1},
    KnownRegion{"eu-west-3", "Paris", 48.9, 2.4},
    KnownRegion{"eu-north-1", "Stockholm", 59.3, 18.1},
    KnownRegion{"eu-south-1", "Milan", 45.5, 9.2},
    KnownRegion{"eu-south-2", "Zaragoza", 41.6, -0.9},
    KnownRegion{"il-central-1", "Tel Aviv", 32.1, 34.8},
    KnownRegion{"me-central-1", "Dubai", 25.2, 55.3},
    KnownRegion{"me-south-1", "Manama", 26.2, 50.6},
    KnownRegion{"af-south-1", "Cape Town", -33.9, 18.4},
    KnownRegion{"ap-south-1", "Mumbai", 19.1, 72.9},
    KnownRegion{"ap-south-2", "Hyderabad", 17.4, 78.5},
    KnownRegion{"ap-southeast-1", "Singapore", 1.3, 103.8},
    KnownRegion{"ap-southeast-2", "Sydney", -33.9, 151.2},
    KnownRegion{"ap-southeast-3", "Jakarta", -6.2, 106.8},
    KnownRegion{"ap-southeast-4", "Melbourne", -37.8, 145.0},
    KnownRegion{"ap-northeast-1", "Tokyo", 35.7, 139.7},
    KnownRegion{"ap-northeast-2", "Seoul", 37.6, 127.0},
    KnownRegion{"ap-northeast-3", "Osaka", 34.7, 135.5},
    KnownRegion{"ap-east-1", "Hong Kong", 22.3, 114.2},
    KnownRegion{"us-ashburn-1", "Ashburn", 39.0, -77.5},
    KnownRegion{"us-phoenix-1", "Phoenix", 33.4, -112.1},
    KnownRegion{"us-sanjose-1", "San Jose", 37.3, -121.9},
    KnownRegion{"us-chicago-1", "Chicago", 41.9, -87.6},
    KnownRegion{"ca-toronto-1", "Toronto", 43.7, -79.4},
    KnownRegion{"ca-montreal-1", "Montreal", 45.5, -73.6},
    KnownRegion{"mx-queretaro-1", "Querétaro", 20.6, -100.4},
    KnownRegion{"sa-saopaulo-1", "São Paulo", -23.5, -46.6},
    KnownRegion{"sa-santiago-1", "Santiago", -33.4, -70.7},
    KnownRegion{"eu-frankfurt-1", "Frankfurt", 50.1, 8.7},
    KnownRegion{"eu-amsterdam-1", "Amsterdam", 52.4, 4.9},
    KnownRegion{"eu-marseille-1", "Marseille", 43.3, 5.4},
    KnownRegion{"eu-madrid-1", "Madrid", 40.4, -3.7},
    KnownRegion{"eu-milan-1", "Milan", 45.5, 9.2},
    KnownRegion{"eu-paris-1", "Paris", 48.9, 2.4},
    KnownRegion{"eu-stockholm-1", "Stockholm", 59.3, 18.1},
    KnownRegion{"eu-zurich-1", "Zurich", 47.4, 8.5},
    KnownRegion{"uk-london-1", "London", 51.5, -0.1},
    KnownRegion{"me-jeddah-1", "Jeddah", 21.5, 39.2},
    KnownRegion{"me-dubai-1", "Dubai", 25.2, 55.3},
    KnownRegion{"il-jerusalem-1", "Jerusalem", 31.8, 35.2},
    KnownRegion{"af-johannesburg-1", "Johannesburg", -26.2, 28.0},
    KnownRegion{"ap-singapore-1", "Singapore", 1.3, 103.8},
    KnownRegion{"ap-sydney-1", "Sydney", -33.9, 151.2},
    KnownRegion{"ap-melbourne-1", "Melbourne", -37.8, 145.0},
    KnownRegion{"ap-tokyo-1", "Tokyo", 35.7, 139.7},
    KnownRegion{"ap-osaka-1", "Osaka", 34.7, 135.5},
    KnownRegion{"ap-seoul-1", "Seoul", 37.6, 127.0},
    KnownRegion{"ap-mumbai-1", "Mumbai", 19.1, 72.9},
    KnownRegion{"us-central1", "Council Bluffs", 41.3, -95.9},
    KnownRegion{"us-east1", "Moncks Corner", 33.2, -80.0},
    KnownRegion{"us-east4", "Ashburn", 39.0, -77.5},
    KnownRegion{"us-west1", "The Dalles", 45.6, -121.2},
    KnownRegion{"europe-west1", "St. Ghislain", 50.4, 3.8},
    KnownRegion{"europe-west2", "London", 51.5, -0.1},
    KnownRegion{"europe-west3", "Frankfurt", 50.1, 8.7},
    KnownRegion{"europe-west4", "Eemshaven", 53.4, 6.8},
    KnownRegion{"asia-southeast1", "Singapore", 1.3, 103.8},
    KnownRegion{"asia-northeast1", "Tokyo", 35.7, 139.7},
    KnownRegion{"eastus", "Richmond", 37.5, -78.5},
    KnownRegion{"westus2", "Quincy", 47.2, -119.9},
    KnownRegion{"westeurope", "Amsterdam", 52.4, 4.9},
    KnownRegion{"northeurope", "Dublin", 53.3, -6.3},
    KnownRegion{"germanywestcentral", "Frankfurt", 50.1, 8.7},
    KnownRegion{"uksouth", "London", 51.5, -0.1},
    KnownRegion{"southeastasia", "Singapore", 1.3, 103.8},
    KnownRegion{"nyc1", "New York", 40.7, -74.0},
    KnownRegion{"nyc3", "New York", 40.7, -74.0},
    KnownRegion{"sfo3", "San Francisco", 37.8, -122.4},
    KnownRegion{"tor1", "Toronto", 43.7, -79.4},
    KnownRegion{"ams3", "Amsterdam", 52.4, 4.9},
    KnownRegion{"fra1", "Frankfurt", 50.1, 8.7},
    KnownRegion{"lon1", "London", 51.5, -0.1},
    KnownRegion{"sgp1", "Singapore", 1.3, 103.8},
    KnownRegion{"blr1", "Bangalore", 13.0, 77.6},
    KnownRegion{"syd1", "Sydney", -33.9, 151.2},
    KnownRegion{"us-central", "Dallas", 32.8, -96.8},
    KnownRegion{"us-southeast", "Atlanta", 33.7, -84.4},
    KnownRegion{"eu-central", "Frankfurt", 50.1, 8.7},
    KnownRegion{"eu-west", "London", 51.5, -0.1},
    KnownRegion{"ap-south", "Singapore", 1.3, 103.8},
    KnownRegion{"ap-northeast", "Tokyo", 35.7, 139.7},
    KnownRegion{"ap-southeast", "Sydney", -33.9, 151.2},
    KnownRegion{"ap-west", "Mumbai", 19.1, 72.9},
};

Place placeOf(const Region& region)
{
    return {cityOf(region), region.latitude, region.longitude};
}

}  // namespace

std::optional<Place> placeOfRegion(const std::string& region)
{
    const auto builtIn = std::ranges::find(builtInRegions(), region, &Region::name);
    if (builtIn != builtInRegions().end())
        return placeOf(*builtIn);
    const auto found = std::ranges::find(knownRegions, region, &KnownRegion::id);
    if (found == knownRegions.end())
        return std::nullopt;
    return Place{QString::fromUtf8(found->name), found->latitude, found->longitude};
}

std::optional<Place> placeOfRegion(const Snapshot& snapshot, const std::string& region)
{
    const auto isIt = [&](const RegionStatus& status) { return status.region.name == region; };
    const auto added = std::ranges::find_if(snapshot.regions, isIt);
    return added == snapshot.regions.end() ? placeOfRegion(region) : placeOf(added->region);
}

QString regionName(const std::string& region)
{
    const std::optional<Place> place = placeOfRegion(region);
    return place ? place->name : QString::fromStdString(region);
}

QString regionName(const Snapshot& snapshot, const std::string& region)
{
    const std::optional<Place> place = placeOfRegion(snapshot, region);
    return place ? place->name : QString::fromStdString(region);
}

QString cityOf(const Region& region)
{
    return QString::fromStdString(region.title).section(QLatin1Char(','), 0, 0);
}

}  // namespace headgate
