#include "core/plane/ctl/completion.h"

#include "core/plane/ctl/arguments.h"

#include <algorithm>
#include <cctype>
#include <ostream>

namespace headgate::ctl {
namespace {

bool isFile(const Option& option)
{
    return option.value == "FILE";
}

// "-o --output"
std::string spellings(const Option& option)
{
    std::string text;
    if (option.letter)
        text = std::string("-") + option.letter + " ";
    return text + "--" + std::string(option.name);
}

// Words that stand for themselves at the first place: "publish|subscribe STREAM" -> publish subscribe
std::vector<std::string> choicesOf(const Subcommand& subcommand)
{
    std::vector<std::string> choices(subcommand.choices.begin(), subcommand.choices.end());
    if (!choices.empty())
        return choices;
    std::string_view first = subcommand.words.substr(0, subcommand.words.find(' '));
    while (!first.empty() && std::islower(static_cast<unsigned char>(first.front()))) {
        choices.emplace_back(first.substr(0, first.find('|')));
        first.remove_prefix(std::min(first.size(), choices.back().size() + 1));
    }
    return choices;
}

std::string joinedBySpaces(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text.append(text.empty() ? "" : " ").append(word);
    return text;
}

std::string optionWords(const std::vector<Option>& options)
{
    std::vector<std::string> words;
    for (const Option& option : options)
        words.push_back(spellings(option));
    return joinedBySpaces(words);
}

// The options whose value is (or is no) file, as a pattern of "case": "-f|--file".
std::string valuePattern(const std::vector<Option>& options, bool (*fits)(const Option&))
{
    std::string pattern;
    for (const Option& option : options) {
        if (option.value.empty() || !fits(option))
            continue;
        std::string text = spellings(option);
        std::ranges::replace(text, ' ', '|');
        pattern.append(pattern.empty() ? "" : "|").append(text);
    }
    return pattern.empty() ? "''" : pattern;
}

bool isOther(const Option& option)
{
    return !isFile(option);
}

std::vector<Option> withCommon(const Subcommand& subcommand)
{
    std::vector<Option> options = subcommand.options;
    options.insert(options.end(), commonOptions().begin(), commonOptions().end());
    return options;
}

std::vector<std::string> subcommandNames()
{
    std::vector<std::string> names;
    for (const Subcommand& subcommand : subcommands())
        names.emplace_back(subcommand.name);
    return names;
}

std::string bashCase(const Subcommand& subcommand)
{
    const std::vector<Option> options = withCommon(subcommand);
    return "        " + std::string(subcommand.name) + ")\n            options='" + optionWords(options) +
           "'\n            choices='" + joinedBySpaces(choicesOf(subcommand)) +
           "'\n            case \"$previous\" in " + valuePattern(options, isFile) + ") files=yes ;; " +
           valuePattern(options, isOther) + ") return ;; esac ;;\n";
}

// 'Let a node end' -> 'let a node end', for the quoted lists of zsh.
std::string zshText(std::string_view text)
{
    std::string quoted;
    for (const char c : text) {
        if (c == '\'')
            quoted += "'\\''";
        else if (c == '[' || c == ']' || c == ':')
            quoted += std::string("\\") + c;
        else
            quoted += c;
    }
    return quoted;
}

std::string zshOption(const Option& option)
{
    const std::string value =
        option.value.empty() ? "" : ":" + std::string(option.value) + ":" + (isFile(option) ? "_files" : "");
    const std::string rest = "[" + zshText(option.help) + "]" + value;
    std::string line = " '--" + std::string(option.name) + rest + "'";
    if (option.letter)
        line += std::string(" '-") + option.letter + rest + "'";
    return line;
}

std::string zshCase(const Subcommand& subcommand)
{
    std::string line = "        " + std::string(subcommand.name) + ") _arguments -S";
    for (const Option& option : subcommand.options)
        line += zshOption(option);
    line += " $common '1: :'";
    const std::string choices = joinedBySpaces(choicesOf(subcommand));
    line += choices.empty() ? " '*:word:_files'" : " '2:what:(" + choices + ")' '*:word:_files'";
    return line + " ;;\n";
}

}  // namespace

std::string bashCompletion()
{
    std::string text = "# bash completion for headgatectl: source it, or put it into the folder of bash-completion\n"
                       "_headgatectl() {\n"
                       "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                       "    local command= at=0 i options choices= files=\n"
                       "    for ((i = 1; i < COMP_CWORD; ++i)); do\n"
                       "        case \"${COMP_WORDS[i]}\" in\n"
                       "            " +
                       valuePattern(commonOptions(), [](const Option&) { return true; }) +
                       ") ((++i)) ;;\n"
                       "            -*) ;;\n"
                       "            *) if [[ -z $command ]]; then command=${COMP_WORDS[i]} at=$i; fi ;;\n"
                       "        esac\n"
                       "    done\n"
                       "    case \"$command\" in\n";
    for (const Subcommand& subcommand : subcommands())
        text += bashCase(subcommand);
    text += "        *)\n            options='" + optionWords(commonOptions()) + "'\n            choices='" +
            joinedBySpaces(subcommandNames()) + "' ;;\n    esac\n" +
            "    if [[ -n $files ]]; then\n"
            "        compopt -o filenames 2>/dev/null\n"
            "        COMPREPLY=($(compgen -f -- \"$current\"))\n"
            "    elif [[ $current == -* ]]; then\n"
            "        COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
            "    elif [[ -z $command || $COMP_CWORD -eq $((at + 1)) ]]; then\n"
            "        COMPREPLY=($(compgen -W \"$choices\" -- \"$current\"))\n"
            "    fi\n"
            "}\n"
            "complete -F _headgatectl headgatectl\n";
    return text;
}

std::string zshCompletion()
{
    std::string text =
        "#compdef headgatectl\n"
        "# zsh completion for headgatectl: put it as _headgatectl into a folder of $fpath, or source it\n"
        "_headgatectl() {\n"
        "    local -a common commands\n"
        "    common=(";
    for (const Option& option : commonOptions())
        text += zshOption(option);
    text += ")\n    commands=(";
    for (const Subcommand& subcommand : subcommands())
        text += " '" + std::string(subcommand.name) + ":" + zshText(subcommand.summary) + "'";
    text += ")\n"
            "    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
            "        _describe command commands\n"
            "        return\n"
            "    fi\n"
            "    case \"$words[2]\" in\n";
    for (const Subcommand& subcommand : subcommands())
        text += zshCase(subcommand);
    text += "        *) _arguments -S $common '1:command:(" + joinedBySpaces(subcommandNames()) +
            ")' ;;\n    esac\n}\n"
            "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _headgatectl \"$@\"; else compdef _headgatectl "
            "headgatectl; fi\n";
    return text;
}

Outcome<void> runCompletion(const Desk& desk)
{
    const std::string& shell = desk.arguments.words[0];
    if (shell != "bash" && shell != "zsh")
        return wrongUsage("There is no completion for \"" + shell + "\".", "It is bash or zsh.");
    desk.out << (shell == "bash" ? bashCompletion() : zshCompletion());
    return {};
}

}  // namespace headgate::ctl
