#include "core/sim/swarm.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

#include "planted.h"

// Runs worlds with one planted bug each, to see whether what must always hold finds it. A line of FOUND is a bug and
// the number of its run, and the world, if that is another one beside WORLD.
//   planted_bugs search WORLD FOUND SEEDS   looks for a run that finds each bug; 95 of 100 must be found
//   planted_bugs renew WORLD FOUND SEEDS    the same, and writes the runs to FOUND
//   planted_bugs replay WORLD FOUND         the runs of FOUND find their bugs, and nothing is found without one

int headgate::planted::bug = 0;

namespace {

using namespace headgate;

constexpr int found = 1;
constexpr int wrong = 2;
constexpr rlim_t mostCpuS = 30;

std::string textOf(const char* file)
{
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

sim::Scenario readWorld(const char* file)
{
    auto scenario = sim::scenarioFromJson(textOf(file));
    if (!scenario) {
        std::fprintf(stderr, "%s: %s\n", file, scenario.error().message.c_str());
        std::exit(wrong);
    }
    return std::move(*scenario);
}

int runHere(const sim::Scenario& world, std::uint64_t seed)
{
    sim::SimulationOptions options;
    options.seed = seed;
    options.isOverWithAViolation = true;
    const auto result = sim::simulate(sim::withDrawnFaults(world, seed), options);
    if (!result)
        return wrong;
    if (result->violations.empty())
        return 0;
    const sim::Violation& first = result->violations.front();
    std::printf("%s: %s\n", first.invariant.c_str(), first.sentence.c_str());
    std::fflush(stdout);
    return found;
}

struct Finding
{
    bool isFound = false;
    std::string how;
};

// In a process of its own: a bug may end it, or never come to an end.
Finding run(const sim::Scenario& world, int bug, std::uint64_t seed)
{
    int pipe[2];
    if (::pipe(pipe) != 0)
        std::exit(wrong);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        std::freopen("/dev/null", "w", stderr);
        const rlimit limit{mostCpuS, mostCpuS};
        ::setrlimit(RLIMIT_CPU, &limit);
        planted::bug = bug;
        ::_exit(runHere(world, seed));
    }
    ::close(pipe[1]);
    Finding finding;
    char bytes[512];
    for (ssize_t size = 0; (size = ::read(pipe[0], bytes, sizeof bytes)) > 0;)
        finding.how.append(bytes, static_cast<std::size_t>(size));
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    finding.isFound = !WIFEXITED(status) || WEXITSTATUS(status) == found;
    if (WIFSIGNALED(status))
        finding.how = WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL
                          ? "does not come to an end"
                          : std::string("ends by signal ") + ::strsignal(WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status) == wrong) {
        std::fprintf(stderr, "The world cannot be run.\n");
        std::exit(wrong);
    }
    while (!finding.how.empty() && finding.how.back() == '\n')
        finding.how.pop_back();
    return finding;
}

// One run of a world.
struct Place
{
    std::string world;  // empty: WORLD
    std::uint64_t seed = 1;

    auto operator<=>(const Place&) const = default;
    std::string text() const { return std::to_string(seed) + (world.empty() ? "" : " " + world); }
};

std::map<std::string, Place> readFound(const char* file)
{
    std::map<std::string, Place> places;
    std::istringstream text(textOf(file));
    for (std::string line; std::getline(text, line);) {
        std::istringstream parts(line);
        std::string name;
        Place place;
        if (parts >> name >> place.seed) {
            parts >> place.world;
            places[name] = place;
        }
    }
    return places;
}

class Worlds
{
public:
    explicit Worlds(const char* file) : m_file(file) {}

    const sim::Scenario& operator[](const std::string& world)
    {
        auto known = m_worlds.find(world);
        if (known == m_worlds.end()) {
            const auto file = world.empty() ? m_file : m_file.parent_path() / world;
            known = m_worlds.emplace(world, readWorld(file.c_str())).first;
        }
        return known->second;
    }

private:
    const std::filesystem::path m_file;
    std::map<std::string, sim::Scenario> m_worlds;
};

int search(Worlds worlds, const char* file, std::uint64_t seeds, bool writes)
{
    const auto before = readFound(file);
    std::map<Place, bool> sound;  // nothing is found there without a bug
    const auto isSound = [&](const Place& place) {
        const auto [known, isNew] = sound.try_emplace(place, true);
        if (isNew)
            known->second = !run(worlds[place.world], 0, place.seed).isFound;
        return known->second;
    };
    std::ostringstream lines;
    int count = 0, caught = 0;
    for (const planted::Bug& bug : planted::bugs) {
        const auto known = before.find(bug.name);
        Finding finding;
        Place place = known != before.end() ? known->second : Place();
        const auto look = [&] {
            finding = run(worlds[place.world], count + 1, place.seed);
            finding.isFound = finding.isFound && isSound(place);
        };
        look();
        for (std::uint64_t next = 1; !finding.isFound && next <= seeds; ++next) {
            place.seed = next;
            look();
        }
        ++count;
        caught += finding.isFound ? 1 : 0;
        if (finding.isFound)
            lines << bug.name << ' ' << place.text() << '\n';
        std::printf("%-26s %-8s %s\n", bug.name, finding.isFound ? place.text().c_str() : "-",
                    finding.isFound ? finding.how.c_str() : bug.what);
        std::fflush(stdout);
    }
    std::printf("%d of %d planted bugs are found within %llu runs.\n", caught, count,
                static_cast<unsigned long long>(seeds));
    if (writes)
        std::ofstream(file) << lines.str();
    const auto unsound = std::ranges::count_if(sound, [](const auto& each) { return !each.second; });
    if (unsound > 0)
        std::printf("In %td runs something is found without a bug.\n", unsound);
    return caught * 100 >= 95 * count && unsound == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int replay(Worlds worlds, const char* file)
{
    const auto places = readFound(file);
    int failures = 0;
    std::map<Place, Finding> sound;
    for (const auto& [name, place] : places) {
        if (!sound.contains(place))
            sound[place] = run(worlds[place.world], 0, place.seed);
    }
    for (const auto& [place, finding] : sound) {
        if (finding.isFound)
            std::printf("Seed %s finds something without a bug: %s\n", place.text().c_str(), finding.how.c_str());
        failures += finding.isFound ? 1 : 0;
    }
    int number = 0;
    for (const planted::Bug& bug : planted::bugs) {
        ++number;
        if (!bug.isPlanted) {
            std::printf("%s: the text that tests/mutants/bugs.txt names is not in its file any more.\n", bug.name);
            ++failures;
        }
        const auto known = bug.isPlanted ? places.find(bug.name) : places.end();
        if (known == places.end() || run(worlds[known->second.world], number, known->second.seed).isFound)
            continue;
        std::printf("%s is not found any more by seed %s.\n", bug.name, known->second.text().c_str());
        ++failures;
    }
    std::printf("%zu of %zu planted bugs have a run that finds them; %d failures.\n", places.size(),
                std::size(planted::bugs), failures);
    const bool isEnough = places.size() * 100 >= 95 * std::size(planted::bugs);
    if (failures > 0 || !isEnough)
        std::printf("After a change of the engine: planted_bugs renew %s %s 1000\n", "WORLD", file);
    return failures == 0 && isEnough ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** arguments)
{
    const std::string what = count > 1 ? arguments[1] : "";
    if (what == "replay" && count == 4)
        return replay(Worlds(arguments[2]), arguments[3]);
    if ((what == "search" || what == "renew") && count == 5)
        return search(Worlds(arguments[2]), arguments[3], std::strtoull(arguments[4], nullptr, 10), what == "renew");
    std::fprintf(stderr, "planted_bugs replay WORLD FOUND | search WORLD FOUND SEEDS | renew WORLD FOUND SEEDS\n");
    return wrong;
}
