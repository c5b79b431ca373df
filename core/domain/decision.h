#pragma once

#include <string>
#include <vector>

namespace headgate {

struct DecisionFact
{
    std::string name;
    std::string value;

    bool operator==(const DecisionFact&) const = default;
};

// Why the engine decided as it did, in English words.
struct Decision
{
    std::string rule;                    // the formula or rule that decided
    std::vector<DecisionFact> values;    // what it went by
    std::vector<DecisionFact> rejected;  // what else it could have been, and why it was not

    bool operator==(const Decision&) const = default;
};

}  // namespace headgate
