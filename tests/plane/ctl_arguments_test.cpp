#include "core/plane/ctl/arguments.h"
#include "core/plane/ctl/table.h"

#include <QtTest/QTest>

using namespace headgate;

class CtlArgumentsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void optionsMayStandAnywhere()
    {
        for (const std::vector<std::string>& line :
             {std::vector<std::string>{"--server", "u", "stop", "n1", "--cut-sessions", "-o", "json"},
              std::vector<std::string>{"--cut-sessions", "-o=json", "stop", "--server=u", "n1"},
              std::vector<std::string>{"stop", "-s", "u", "--output=json", "--cut-sessions", "--", "n1"}}) {
            const auto arguments = ctl::parseArguments(line);
            QVERIFY2(arguments.has_value(), arguments ? "" : arguments.error().message.c_str());
            QCOMPARE(arguments->subcommand->name, std::string_view("stop"));
            QCOMPARE(arguments->words, std::vector<std::string>{"n1"});
            QCOMPARE(*arguments->value("server"), std::string("u"));
            QCOMPARE(*arguments->value("output"), std::string("json"));
            QVERIFY(arguments->has("cut-sessions"));
        }
    }

    void aDashAloneIsAWord()
    {
        const auto arguments = ctl::parseArguments({"apply", "-f", "-"});
        QVERIFY(arguments.has_value());
        QCOMPARE(*arguments->value("file"), std::string("-"));
    }

    void behindTwoDashesEverythingIsAWord()
    {
        const auto arguments = ctl::parseArguments({"drain", "--", "--dry-run"});
        QVERIFY(arguments.has_value());
        QCOMPARE(arguments->words, std::vector<std::string>{"--dry-run"});
        QVERIFY(!arguments->has("dry-run"));
    }

    void mistakesAreRefused_data()
    {
        QTest::addColumn<QStringList>("line");
        QTest::addColumn<QString>("part");
        QTest::newRow("command") << QStringList{"frob"} << "no command \"frob\"";
        QTest::newRow("option") << QStringList{"get", "nodes", "--frob"} << "no option --frob";
        QTest::newRow("option of another") << QStringList{"get", "nodes", "--yes"} << "no option --yes";
        QTest::newRow("letters") << QStringList{"get", "-xyz"} << "no option -xyz";
        QTest::newRow("value missing") << QStringList{"get", "nodes", "--server"} << "--server needs a value";
        QTest::newRow("value too much") << QStringList{"stop", "n", "--cut-sessions=yes"} << "takes no value";
        QTest::newRow("word missing") << QStringList{"drain"} << "Something is missing";
        QTest::newRow("word too much") << QStringList{"drain", "a", "b"} << "\"b\" is too much";
    }

    void mistakesAreRefused()
    {
        QFETCH(QStringList, line);
        QFETCH(QString, part);
        std::vector<std::string> arguments;
        for (const QString& each : line)
            arguments.push_back(each.toStdString());
        const auto parsed = ctl::parseArguments(arguments);
        QVERIFY(!parsed);
        QVERIFY2(QString::fromStdString(parsed.error().message).contains(part), parsed.error().message.c_str());
        QVERIFY(QString::fromStdString(parsed.error().remedy).contains("--help"));
    }

    void helpIsThereForEverySubcommandWhateverIsMissing()
    {
        const std::string all = ctl::helpText();
        for (const ctl::Subcommand& subcommand : ctl::subcommands()) {
            const auto arguments = ctl::parseArguments({std::string(subcommand.name), "--help"});
            QVERIFY(arguments.has_value() && arguments->wantsHelp);
            QVERIFY(all.find("  " + std::string(subcommand.name) + " ") != std::string::npos);
            const std::string help = ctl::helpText(subcommand);
            for (const ctl::Option& option : subcommand.options)
                QVERIFY2(help.find("--" + std::string(option.name)) != std::string::npos, help.c_str());
        }
    }

    void columnsAreAlignedByLettersNotBytes()
    {
        ctl::TextTable table({"NAME", "N", "END"});
        table.addRow({"größe", "7", "x"});
        table.addRow({"a", "1234", ""});
        QCOMPARE(table.text(), std::string("NAME      N  END\n"
                                           "größe     7  x\n"
                                           "a      1234  -\n"));
    }

    void controlCharactersDoNotReachTheTerminal()
    {
        ctl::TextTable table({"NAME"});
        table.addRow({"a\x1b[2Jb\n"});
        QCOMPARE(table.text(), std::string("NAME\na?[2Jb?\n"));
    }
};

QTEST_GUILESS_MAIN(CtlArgumentsTest)
#include "ctl_arguments_test.moc"
