#include "tests/support/console_app.h"
#include "ui/dialogs/command_dialog.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/shell/theme.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/notice.h"

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QTest>

using namespace headgate;

namespace {

const CodeBlock* blockOf(const QWidget& dialog, const char* name)
{
    return dialog.findChild<CodeBlock*>(QLatin1String(name));
}

QPushButton* buttonOf(const QWidget& dialog, const char* name)
{
    return dialog.findChild<QPushButton*>(QLatin1String(name));
}

Result<native::ShellLines> linesOf(Command command)
{
    CommandRequest request;
    request.command = std::move(command);
    return native::shellLines(request, "https://control.example:5080");
}

}  // namespace

class CommandDialogTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::ConsoleApp> m_app;

private Q_SLOTS:
    void initTestCase() { m_app = std::make_unique<test::ConsoleApp>(); }
    void cleanupTestCase() { m_app.reset(); }

    void bothLinesStandThereToBeCopied()
    {
        const auto lines = linesOf(DeleteNodeGroup{NodeGroupName("eu-live")});
        QVERIFY(lines.has_value());
        CommandDialog dialog("Delete node group eu-live", lines);
        const CodeBlock* ctl = blockOf(dialog, "headgatectlLines");
        const CodeBlock* curl = blockOf(dialog, "curlLines");
        QVERIFY(ctl && curl);
        QCOMPARE(ctl->code(), format::text(lines->headgatectl));
        QVERIFY2(ctl->code().contains("headgatectl") && ctl->code().contains("eu-live"), qPrintable(ctl->code()));
        QVERIFY2(curl->code().contains("-X DELETE") && curl->code().contains("https://control.example:5080/api/v1/"),
                 qPrintable(curl->code()));
        QVERIFY(curl->code().contains("HEADGATE_TOKEN"));
        QVERIFY(dialog.findChildren<Notice*>().isEmpty());
        test::keepPicture(dialog, "command-dialog");
    }

    void secretsAreNamedAndNotShown()
    {
        native::ShellLines lines{"headgatectl users create ann", "curl -d '{}'", {"HEADGATE_PASSWORD"}};
        CommandDialog dialog("Create user ann", lines);
        QCOMPARE(dialog.findChildren<Notice*>().size(), 1);
        QStringList words;
        for (const QLabel* label : dialog.findChildren<QLabel*>())
            words << label->text();
        QVERIFY2(words.join('|').contains("HEADGATE_PASSWORD"), qPrintable(words.join('|')));
        test::keepPicture(dialog, "command-dialog-secret");
    }

    void whatNoCommandDoesIsSaidWithItsReason()
    {
        CommandDialog dialog("Freeze node abc",
                             fail(ErrorCode::Unsupported, "No interface can freeze a node.", "Use the chaos menu."));
        QVERIFY(!blockOf(dialog, "headgatectlLines") && !blockOf(dialog, "curlLines"));
        QCOMPARE(dialog.findChildren<Notice*>().size(), 1);
        test::keepPicture(dialog, "command-dialog-none");
    }

    void theQuietButtonOpensItWithWhatIsTrueThen()
    {
        QWidget window;
        int made = 0;
        QPushButton* button = makeCommandButton([] { return QString("Delete it"); },
                                                [&made] {
                                                    ++made;
                                                    return linesOf(DeleteNodeGroup{NodeGroupName("x")});
                                                });
        button->setParent(&window);
        window.show();
        QCOMPARE(made, 0);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(made, 1);
        auto* dialog = window.findChild<CommandDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(window.findChild<CommandDialog*>() == nullptr);
    }

    void aConfirmationOffersTheSameFromAShell()
    {
        ConfirmationQuestion question;
        question.title = "Delete node group eu-live?";
        question.losses = {"3 nodes end.", "12 viewers lose their picture."};
        question.typeLabel = "Type the group's name to confirm";
        question.name = "eu-live";
        question.keepText = "Keep it";
        question.actText = "Delete node group";
        question.asCommand = [] { return linesOf(DeleteNodeGroup{NodeGroupName("eu-live")}); };
        TypedConfirmation dialog(question);
        dialog.show();
        QVERIFY(buttonOf(dialog, "showAsCommand"));
        test::keepPicture(dialog, "typed-confirmation-command");
        question.asCommand = {};
        TypedConfirmation plain(question);
        QVERIFY(!buttonOf(plain, "showAsCommand"));
    }
};

QTEST_MAIN(CommandDialogTest)
#include "command_dialog_test.moc"
