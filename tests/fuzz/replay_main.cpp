// Runs a fuzz target over its corpus, and over a fixed number of seeded mutations of it, without libFuzzer.
#include "core/base/random.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

using namespace headgate;

namespace {

using Input = std::vector<std::uint8_t>;

std::vector<Input> readFolder(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Input> inputs;
    for (const std::filesystem::path& file : files) {
        std::ifstream stream(file, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return inputs;
}

std::size_t placeIn(const Input& input, Random& random)
{
    return static_cast<std::size_t>(random.below(input.size() + 1));
}

void mutate(Input& input, const Input& other, Random& random)
{
    const std::size_t place = placeIn(input, random);
    const auto at = input.begin() + static_cast<std::ptrdiff_t>(place);
    switch (random.below(5)) {
    case 0:  // one byte becomes another
        if (place < input.size())
            *at = static_cast<std::uint8_t>(random.below(256));
        return;
    case 1:  // a bit turns over
        if (place < input.size())
            *at ^= static_cast<std::uint8_t>(1u << random.below(8));
        return;
    case 2:  // the end is missing
        input.erase(at, input.end());
        return;
    case 3: {  // some bytes are missing
        const std::size_t size = std::min<std::size_t>(random.below(16), input.size() - place);
        input.erase(at, at + static_cast<std::ptrdiff_t>(size));
        return;
    }
    default: {  // the end is another's
        const std::size_t from = placeIn(other, random);
        input.insert(at, other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
        return;
    }
    }
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::cerr << "Usage: " << argv[0] << " CORPUS-FOLDER MUTATIONS\n";
        return 2;
    }
    const std::vector<Input> corpus = readFolder(argv[1]);
    if (corpus.empty()) {
        std::cerr << "There is nothing in " << argv[1] << ".\n";
        return 1;
    }
    for (const Input& input : corpus)
        LLVMFuzzerTestOneInput(input.data(), input.size());
    const long mutations = std::strtol(argv[2], nullptr, 10);
    constexpr std::size_t longest = 64 * 1024;
    Random random(1);
    for (long i = 0; i < mutations; ++i) {
        Input input = corpus[random.below(corpus.size())];
        for (std::uint64_t left = 1 + random.below(4); left > 0; --left)
            mutate(input, corpus[random.below(corpus.size())], random);
        input.resize(std::min(input.size(), longest));
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::cout << corpus.size() << " inputs and " << mutations << " mutations of them.\n";
    return 0;
}
