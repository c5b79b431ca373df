// headgate: the desktop console.
#include "app/composition.h"
#include "app/screenshots.h"
#include "ui/format.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <cstdio>
#include <cstdlib>

using namespace headgate;

namespace {

struct Arguments
{
    ConsoleOptions console;
    QString screenshotDir;
};

QCommandLineOption hidden(const QString& name, const QString& value)
{
    QCommandLineOption option(name, QString(), value);
    option.setFlags(QCommandLineOption::HiddenFromHelp);
    return option;
}

Arguments parse(const QApplication& application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate("main", "Console of a Headgate media cluster."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions(
        {{"demo", "Opens a running local cluster with a test stream."},
         {"connect", "Connects to the control plane at URL.", "URL"},
         {"data-dir", "Where the local cluster is kept; ~/.local/share/headgate by default.", "DIR"},
         {"geoip", "Tells the local cluster where viewers are: a database in MaxMind's format.", "FILE"},
         {"screenshots", "Starts a cluster of its own, renders every page to PNG files in DIR and exits.", "DIR"},
         hidden("local-network", "NET"),
         hidden("node-address", "ADDRESS")});
    parser.process(application);
    Arguments arguments;
    arguments.console.isDemo = parser.isSet("demo");
    arguments.console.connectUrl = parser.value("connect");
    arguments.console.dataDir =
        parser.isSet("data-dir") ? parser.value("data-dir")
                                 : QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + "/headgate";
    if (parser.isSet("data-dir"))
        arguments.console.settingsFile = arguments.console.dataDir + "/console.ini";
    if (parser.isSet("local-network"))
        arguments.console.localNetwork = parser.value("local-network");
    arguments.console.nodeAddress = parser.value("node-address");
    arguments.console.geoDatabase = parser.value("geoip");
    arguments.screenshotDir = parser.value("screenshots");
    if (!arguments.screenshotDir.isEmpty() && !arguments.console.connectUrl.isEmpty()) {
        std::fputs("headgate: --screenshots shows a cluster of its own and does not go with --connect.\n", stderr);
        std::exit(2);
    }
    return arguments;
}

}  // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName("headgate");
    QCoreApplication::setApplicationVersion(HEADGATE_VERSION);
    QGuiApplication::setDesktopFileName("headgate");
    Arguments arguments = parse(application);
    if (arguments.screenshotDir.isEmpty()) {
        Console console(application, arguments.console);
        console.open();
        return QApplication::exec();
    }
    // Pictures come from a cluster and settings of their own, unless a folder is named.
    QTemporaryDir own;
    if (arguments.console.settingsFile.isEmpty()) {
        arguments.console.dataDir = own.path();
        arguments.console.settingsFile = own.filePath("console.ini");
    }
    Console console(application, arguments.console);
    return takeScreenshots(console, arguments.screenshotDir);
}
