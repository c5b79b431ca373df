#pragma once

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace headgate::bench {

// "-n 50 -t 3 URL": letters with values, then words.
class Options
{
public:
    Options(int argc, char** argv, std::map<char, std::string> defaults, const char* usage)
        : m_values(std::move(defaults))
    {
        for (int i = 1; i < argc; ++i) {
            const std::string argument = argv[i];
            const bool isOption = argument.size() == 2 && argument[0] == '-';
            if (isOption && m_values.contains(argument[1]) && i + 1 < argc) {
                m_values[argument[1]] = argv[++i];
            } else if (argument[0] != '-') {
                words.push_back(argument);
            } else {
                std::cerr << usage;
                std::exit(2);
            }
        }
    }

    double number(char option) const { return std::atof(m_values.at(option).c_str()); }
    int integer(char option) const { return std::atoi(m_values.at(option).c_str()); }

    std::vector<std::string> words;

private:
    std::map<char, std::string> m_values;
};

}  // namespace headgate::bench
