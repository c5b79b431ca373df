#include "core/plane/secret_store.h"
#include "tests/support/console_app.h"
#include "ui/dialogs/close_choice.h"
#include "ui/dialogs/sign_in_dialog.h"
#include "ui/english_plurals.h"
#include "ui/widgets/notice.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace headgate;

namespace {

QString wordsOf(const QWidget& dialog)
{
    QStringList words;
    const QList<QLabel*> labels = dialog.findChildren<QLabel*>();
    for (const QLabel* label : labels)
        words << label->text();
    return words.join(QLatin1Char('|'));
}

SecretStoreStatus noKeychain()
{
    return {SecretStoreState::Unavailable, "Cannot autolaunch D-Bus"};
}

}  // namespace

class DialogsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::ConsoleApp> m_app;
    EnglishPlurals m_plurals;

private Q_SLOTS:
    void initTestCase()
    {
        m_app = std::make_unique<test::ConsoleApp>();
        QCoreApplication::installTranslator(&m_plurals);
    }
    void cleanupTestCase() { m_app.reset(); }

    void closingSaysWhatRuns()
    {
        CloseChoice choice({3, 1, 12, 1});
        const QString words = wordsOf(choice);
        QVERIFY2(words.contains("3 nodes run on this machine, with 1 publisher and 12 viewers."), qPrintable(words));
        QVERIFY2(words.contains("1 test stream of this console"), qPrintable(words));
        test::keepPicture(choice, "close-choice");
        CloseChoice quiet({1, 0, 0, 0});
        QVERIFY(!wordsOf(quiet).contains("test stream"));
    }

    void closingIsAnsweredByItsButtons_data()
    {
        QTest::addColumn<QString>("button");
        QTest::addColumn<CloseAnswer>("answer");
        QTest::addRow("keep") << "keepNodes" << CloseAnswer::KeepNodes;
        QTest::addRow("stop") << "stopNodes" << CloseAnswer::StopNodes;
        QTest::addRow("cancel") << "cancel" << CloseAnswer::Cancel;
    }

    void closingIsAnsweredByItsButtons()
    {
        QFETCH(QString, button);
        QFETCH(CloseAnswer, answer);
        CloseChoice choice({2, 0, 0, 0});
        choice.open();
        QTest::mouseClick(choice.findChild<QPushButton*>(button), Qt::LeftButton);
        QVERIFY(!choice.isVisible());
        QCOMPARE(choice.answer(), answer);
    }

    void enterKeepsAndEscapeStays()
    {
        CloseChoice enter({2, 0, 0, 0});
        enter.open();
        QTest::keyClick(&enter, Qt::Key_Return);
        QCOMPARE(enter.answer(), CloseAnswer::KeepNodes);
        CloseChoice escape({2, 0, 0, 0});
        escape.open();
        QTest::keyClick(&escape, Qt::Key_Escape);
        QVERIFY(!escape.isVisible());
        QCOMPARE(escape.answer(), CloseAnswer::Cancel);
    }

    void signInNeedsBothFields()
    {
        SignInDialog dialog("http://127.0.0.1:5080", {}, noKeychain());
        auto* button = dialog.findChild<QPushButton*>("signIn");
        QVERIFY(!button->isEnabled());
        dialog.findChild<QLineEdit*>("user")->setText("admin");
        QVERIFY(!button->isEnabled());
        dialog.findChild<QLineEdit*>("password")->setText("secret words");
        QVERIFY(button->isEnabled());
        QCOMPARE(dialog.findChild<QLineEdit*>("password")->echoMode(), QLineEdit::Password);
    }

    void signInAnswersWhatWasTyped()
    {
        SignInDialog dialog("http://127.0.0.1:5080", "admin", noKeychain());
        QList<SignInAnswer> answers;
        connect(&dialog, &SignInDialog::signInRequested, this,
                [&answers](const SignInAnswer& answer) { answers << answer; });
        dialog.open();
        dialog.findChild<QLineEdit*>("password")->setText("secret words");
        dialog.findChild<QCheckBox*>()->setChecked(true);
        QTest::keyClick(dialog.findChild<QLineEdit*>("password"), Qt::Key_Return);
        QCOMPARE(answers.size(), 1);
        QCOMPARE(answers[0].user, QString("admin"));
        QCOMPARE(answers[0].password, QString("secret words"));
        QVERIFY(answers[0].isRemembered);
        QVERIFY2(dialog.isVisible(), "it stays open until the sign-in worked");
        QVERIFY2(!dialog.findChild<QPushButton*>("signIn")->isEnabled(), "one sign-in at a time");

        dialog.showFailure({ErrorCode::Unauthenticated, "The password is wrong.", "Try another.", {}});
        QVERIFY(dialog.findChild<Notice*>("failure")->isVisible());
        QVERIFY(dialog.findChild<QPushButton*>("signIn")->isEnabled());
        test::keepPicture(dialog, "sign-in-failure");
    }

    void signInSaysWhereThePasswordIsKept()
    {
        const SignInDialog without("http://127.0.0.1:5080", "admin", noKeychain());
        const auto* line = without.findChild<QLabel*>("whereKept");
        QVERIFY(line != nullptr);
        QVERIFY2(line->text().contains("no keychain") && line->text().contains("until Headgate closes"),
                 qPrintable(line->text()));
        QCOMPARE(line->toolTip(), QString("Cannot autolaunch D-Bus"));
        const SignInDialog with("http://127.0.0.1:5080", "admin", {SecretStoreState::Available, {}});
        QVERIFY(with.findChild<QLabel*>("whereKept")->text().contains("in the keychain"));
        const SignInDialog locked("http://127.0.0.1:5080", "admin", {SecretStoreState::Locked, {}});
        QVERIFY(locked.findChild<QLabel*>("whereKept")->text().contains("is locked"));
    }
};

QTEST_MAIN(DialogsTest)
#include "dialogs_test.moc"
