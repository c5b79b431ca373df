#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The command line of headgatectl.
namespace headgate::ctl {

struct Option
{
    std::string_view name;   // without dashes
    char letter;             // '\0' if there is no short form
    std::string_view value;  // what to put there, for example "FILE"; "" for a flag
    std::string_view help;
};

struct Subcommand
{
    std::string_view name;
    std::string_view words;  // "publish|subscribe STREAM"
    std::string_view summary;
    std::string_view details;
    std::vector<Option> options;
    std::size_t fewestWords = 0;
    std::size_t mostWords = 0;
    std::vector<std::string_view> choices = {};  // for the first word, if `words` does not list them
};

const std::vector<Subcommand>& subcommands();

// Options that every subcommand takes.
const std::vector<Option>& commonOptions();

struct Arguments
{
    const Subcommand* subcommand = nullptr;  // null: none was named
    bool wantsHelp = false;
    bool wantsVersion = false;
    std::vector<std::string> words;
    std::map<std::string, std::string> options;

    bool has(const std::string& option) const { return options.contains(option); }
    std::optional<std::string> value(const std::string& option) const;
};

// `arguments` without the program's name. Options may stand anywhere; "--" ends them. InvalidArgument on anything that
// is not in the table.
Result<Arguments> parseArguments(const std::vector<std::string>& arguments);

std::string helpText();
std::string helpText(const Subcommand& subcommand);

}  // namespace headgate::ctl
