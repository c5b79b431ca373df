#include "core/plane/ctl/prompt.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace headgate::ctl {
namespace {

// What is typed stays invisible while it lives.
class EchoOff
{
public:
    EchoOff()
    {
        m_isKnown = tcgetattr(STDIN_FILENO, &m_before) == 0;
        termios hidden = m_before;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (m_isKnown)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    ~EchoOff()
    {
        if (m_isKnown)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;

private:
    termios m_before{};
    bool m_isKnown = false;
};

Outcome<std::string> readLine()
{
    std::string line;
    if (!std::getline(std::cin, line) || line.empty())
        return wrongUsage("Nothing was typed.");
    return line;
}

bool isSomebodyThere()
{
    return isatty(STDIN_FILENO) != 0;
}

}  // namespace

Outcome<std::string> ask(const std::string& question, const std::string& instead)
{
    if (!isSomebodyThere())
        return wrongUsage("There is no terminal to ask at.", instead);
    std::cerr << question << std::flush;
    return readLine();
}

Outcome<std::string> askSecret(const std::string& question, const std::string& instead)
{
    if (!isSomebodyThere())
        return wrongUsage("There is no terminal to ask at.", instead);
    std::cerr << question << std::flush;
    const EchoOff hidden;
    auto line = readLine();
    std::cerr << '\n';
    return line;
}

Outcome<std::string> password(const Arguments& arguments)
{
    if (const auto file = arguments.value("password-file"))
        return readSecret(*file);
    return askSecret("Password: ", "Put the password into a file and name it with --password-file.");
}

Outcome<std::string> newPassword(const Arguments& arguments)
{
    auto first = password(arguments);
    if (!first || arguments.has("password-file"))
        return first;
    const auto second = askSecret("The same again: ", {});
    if (!second)
        return second;
    if (*second != *first)
        return wrongUsage("The two passwords differ; nothing was changed.");
    return first;
}

}  // namespace headgate::ctl
