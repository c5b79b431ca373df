#include "app/ctl_bench_node.h"
#include "app/ctl_download.h"
#include "app/ctl_probe.h"
#include "app/ctl_publish_test.h"
#include "core/plane/ctl/arguments.h"
#include "core/plane/ctl/commands.h"

#include <QCoreApplication>

#include <iostream>
#include <string>
#include <vector>

using namespace headgate;

namespace {

int report(const ctl::Failure& failure)
{
    std::cerr << "headgatectl: " << failure.error.message << '\n';
    if (!failure.error.pointer.empty())
        std::cerr << "  at " << failure.error.pointer << '\n';
    if (!failure.error.remedy.empty())
        std::cerr << "  " << failure.error.remedy << '\n';
    return static_cast<int>(failure.status);
}

ctl::Outcome<ctl::Format> formatOf(const ctl::Arguments& arguments)
{
    const std::string word = arguments.value("output").value_or("table");
    if (word == "json")
        return ctl::Format::Json;
    if (word == "yaml")
        return ctl::Format::Yaml;
    if (word != "table")
        return ctl::wrongUsage("There is no output format \"" + word + "\".", "Use table, json or yaml.");
    return ctl::Format::Table;
}

ctl::Outcome<void> run(const ctl::Arguments& arguments)
{
    const auto format = formatOf(arguments);
    if (!format)
        return tl::unexpected(format.error());
    const ctl::Desk desk{arguments, *format, std::cout, std::cerr};
    if (arguments.subcommand->name == "probe")
        return ctl::runProbe(desk);
    if (arguments.subcommand->name == "download")
        return ctl::runDownload(desk);
    if (arguments.subcommand->name == "publish-test")
        return ctl::runPublishTest(desk);
    return arguments.subcommand->name == "bench-node" ? ctl::runBenchNode(desk) : ctl::run(desk);
}

}  // namespace

int main(int argc, char* argv[])
{
    QCoreApplication application(argc, argv);
    const auto arguments = ctl::parseArguments(std::vector<std::string>(argv + 1, argv + argc));
    if (!arguments)
        return report({ctl::ExitStatus::WrongUsage, arguments.error()});
    if (arguments->wantsVersion) {
        std::cout << "headgatectl " << HEADGATE_VERSION << '\n';
        return 0;
    }
    if (arguments->wantsHelp || !arguments->subcommand) {
        std::ostream& out = arguments->wantsHelp ? std::cout : std::cerr;
        out << (arguments->subcommand ? ctl::helpText(*arguments->subcommand) : ctl::helpText());
        return static_cast<int>(arguments->wantsHelp ? ctl::ExitStatus::Done : ctl::ExitStatus::WrongUsage);
    }
    const auto outcome = run(*arguments);
    return outcome ? 0 : report(outcome.error());
}
