#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "tests/support/unnamed_fields.h"
#include "ui/dialogs/account_dialogs.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/account_page.h"
#include "ui/pages/table_pane.h"
#include "ui/pages/usage_page.h"
#include "ui/pages/users_panel.h"
#include "ui/shell/theme.h"
#include "ui/widgets/notice.h"

#include <QApplication>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QTest>

using namespace headgate;

namespace {

constexpr const char* goodPassword = "three random words";

}  // namespace

// Profile, users and tokens, and what the cluster used.
class AccountPageTest : public QObject
{
    Q_OBJECT

private:
    template <typename PageType>
    std::unique_ptr<PageType> open(SnapshotPtr snapshot = test::sampleCluster().build())
    {
        auto page = std::make_unique<PageType>(m_stage->context);
        page->resize(1232, 826);
        page->show();
        if (!QTest::qWaitForWindowExposed(page.get()))
            qFatal("no page");
        m_stage->put(*page, std::move(snapshot));
        return page;
    }

    static QPushButton* button(const QWidget& parent, const char* name)
    {
        return parent.findChild<QPushButton*>(QLatin1String(name));
    }
    static void click(const QWidget& parent, const char* name)
    {
        QTest::mouseClick(button(parent, name), Qt::LeftButton);
    }
    static void type(const QWidget& form, const char* field, const QString& text)
    {
        form.findChild<QLineEdit*>(QLatin1String(field))->setText(text);
    }
    // The newest form of the kind that is open.
    template <typename Form>
    static Form* form(const QWidget& page)
    {
        const QList<Form*> all = page.findChildren<Form*>();
        for (auto each = all.rbegin(); each != all.rend(); ++each)
            if ((*each)->isVisible())
                return *each;
        return nullptr;
    }
    static void select(AccountPage& page, const QString& key)
    {
        auto* panel = page.findChild<UsersPanel*>();
        const bool isUser = panel->isVisible();
        for (TablePane* pane : page.findChildren<TablePane*>()) {
            if (pane->isVisible() || !isUser)
                pane->reveal(key);
        }
    }

    test::FakeAccounts& desk() { return m_stage->plane.desk; }

    std::unique_ptr<test::PageStage> m_stage;

private Q_SLOTS:
    void init() { m_stage = std::make_unique<test::PageStage>(); }
    void cleanup() { m_stage.reset(); }

    void aUserIsMadeWithLimits()
    {
        const auto page = open<AccountPage>();
        page->reveal("users");
        click(*page, "newUser");
        auto* made = form<UserForm>(*page);
        QVERIFY(made != nullptr);
        QVERIFY(!button(*made, "act")->isEnabled());
        type(*made, "name", "eve");
        type(*made, "password", goodPassword);
        QVERIFY(button(*made, "act")->toolTip().contains("differ"));
        type(*made, "again", goodPassword);
        QVERIFY(button(*made, "act")->isEnabled());
        auto* role = made->findChild<QComboBox*>("role");
        role->setCurrentIndex(role->findText("Operator"));
        made->findChild<QComboBox*>("reach")->setCurrentIndex(1);
        QVERIFY(!button(*made, "act")->isEnabled());
        made->findChild<QListWidget*>()->item(0)->setCheckState(Qt::Checked);
        desk().answer = fail(ErrorCode::AlreadyExists, "There is a user \"eve\" already.", {}, "/name");
        click(*made, "act");
        QVERIFY(form<UserForm>(*page) == made && made->findChild<Notice*>("failure")->isVisible());
        desk().answer = CommandOutcome{};
        click(*made, "act");
        QTRY_VERIFY(form<UserForm>(*page) == nullptr);
        QCOMPARE(desk().newUsers.size(), std::size_t(2));
        const native::NewUser& sent = desk().newUsers.back();
        QCOMPARE(sent.name, std::string("eve"));
        QCOMPARE(sent.password, std::string(goodPassword));
        QVERIFY(sent.role == AccountRole::Operator);
        QCOMPARE(sent.deployments.size(), std::size_t(1));
    }

    void rightsChangeAndTheLastAdminIsKept()
    {
        const auto page = open<AccountPage>();
        page->reveal("users");
        QVERIFY(!button(*page, "editUser")->isEnabled());
        select(*page, "carl");
        click(*page, "editUser");
        auto* edit = form<UserForm>(*page);
        QVERIFY(edit->findChild<QLineEdit*>("password") == nullptr);
        auto* role = edit->findChild<QComboBox*>("role");
        QCOMPARE(role->currentText(), QString("Operator"));
        role->setCurrentIndex(role->findText("Scheduler"));
        click(*edit, "act");
        QCOMPARE(desk().changedRights.size(), std::size_t(1));
        QCOMPARE(desk().changedRights[0].user, std::string("carl"));
        QCOMPARE(desk().changedRights[0].version, std::uint64_t(3));
        QVERIFY(desk().changedRights[0].rights.deployments == std::vector<std::string>{"Europe"});
        select(*page, "admin");
        QVERIFY(!button(*page, "deleteUser")->isEnabled());
        QVERIFY(button(*page, "deleteUser")->toolTip().contains("last one"));
        click(*page, "editUser");
        QVERIFY(!button(*form<UserForm>(*page), "act")->isEnabled());
    }

    void aUserIsDeletedByItsName()
    {
        const auto page = open<AccountPage>();
        page->reveal("users");
        select(*page, "dora");
        click(*page, "deleteUser");
        auto* question = form<TypedConfirmation>(*page);
        QVERIFY(question != nullptr && !button(*question, "act")->isEnabled());
        type(*question, "confirmationName", "dora");
        click(*question, "act");
        QVERIFY(desk().deleted == std::vector<std::string>{"dora"});
        QVERIFY(m_stage->toasts.back().text.contains("dora"));
    }

    void aUserIsDisabledAndEnabledAgain()
    {
        const auto page = open<AccountPage>();
        page->reveal("users");
        desk().users->at(2).state = AccountState::Disabled;  // as the list says when it is read again
        select(*page, "carl");
        QCOMPARE(button(*page, "switchUser")->text(), QString("Disable"));
        click(*page, "switchUser");
        select(*page, "dora");
        QCOMPARE(button(*page, "switchUser")->text(), QString("Enable"));
        click(*page, "switchUser");
        const std::vector<std::pair<std::string, AccountState>> wanted = {{"carl", AccountState::Disabled},
                                                                          {"dora", AccountState::Enabled}};
        QVERIFY(desk().changedStates == wanted);
        select(*page, "admin");
        QVERIFY(!button(*page, "switchUser")->isEnabled());
    }

    void anotherOnesPasswordIsSet()
    {
        const auto page = open<AccountPage>();
        page->reveal("users");
        select(*page, "wall");
        click(*page, "userPassword");
        auto* password = form<PasswordForm>(*page);
        QVERIFY(password->findChild<QLineEdit*>("oldPassword") == nullptr);
        type(*password, "password", goodPassword);
        type(*password, "again", goodPassword);
        click(*password, "act");
        QCOMPARE(desk().newPasswords.size(), std::size_t(1));
        QCOMPARE(desk().newPasswords[0].first, std::string("wall"));
    }

    void onesOwnPasswordNeedsTheOldOne()
    {
        const auto page = open<AccountPage>();
        click(*page, "changePassword");
        auto* password = form<PasswordForm>(*page);
        type(*password, "password", goodPassword);
        type(*password, "again", goodPassword);
        QVERIFY(!button(*password, "act")->isEnabled());
        type(*password, "oldPassword", "wrong");
        desk().answer = fail(ErrorCode::PermissionDenied, "The old password is not right.", {}, "/oldPassword");
        click(*password, "act");
        QVERIFY(password->isVisible() && password->focusWidget() == password->findChild<QLineEdit*>("oldPassword"));
        desk().answer = CommandOutcome{};
        click(*password, "act");
        QVERIFY(!password->isVisible());
        QCOMPARE(desk().passwordWishes.size(), std::size_t(2));
    }

    void aTokenIsShownOnceAndRevoked()
    {
        const auto page = open<AccountPage>();
        page->reveal("tokens");
        click(*page, "newToken");
        auto* made = form<TokenForm>(*page);
        type(*made, "name", "backup");
        MadeToken token;
        token.token.name = "backup";
        token.secret = "hgp_8f3a90c2d17be645_0123456789abcdef";
        desk().madeToken = token;
        click(*made, "act");
        QCOMPARE(desk().tokenWishes.size(), std::size_t(1));
        QVERIFY(desk().tokenWishes[0].expiresAt != TimePoint());
        QCOMPARE(made->findChild<QLineEdit*>("secret")->text(), QString::fromStdString(token.secret));
        QTest::qWait(50);
        test::keepPicture(*made, "token-shown-once");
        click(*made, "act");
        QTRY_VERIFY(form<TokenForm>(*page) == nullptr);
        QCOMPARE(desk().tokenWishes.size(), std::size_t(1));
        QVERIFY(!button(*page, "revokeToken")->isEnabled());
        select(*page, "8f3a90c2d17be645");
        click(*page, "revokeToken");
        click(*form<TypedConfirmation>(*page), "act");
        QVERIFY(desk().revoked == std::vector<std::string>{"8f3a90c2d17be645"});
    }

    void aTokenMayDoNoMoreThanItsUser()
    {
        TokenForm token(AccountRole::Operator, nullptr);
        auto* role = token.findChild<QComboBox*>("role");
        QCOMPARE(role->count(), 2);
        QVERIFY(role->findText("Admin") < 0 && role->findText("Scheduler") < 0);
    }

    void whereNobodySignsInItIsSaid()
    {
        const auto page = open<AccountPage>();
        const Error nobody{ErrorCode::Unsupported, "Nobody signs in to the cluster of this machine.", {}, {}};
        desk().profile = tl::unexpected(nobody);
        desk().tokens = tl::unexpected(nobody);
        desk().users = std::vector<native::UserSummary>{};
        page->refresh();
        QVERIFY(!button(*page, "changePassword")->isEnabled());
        test::keepPicture(*page, "account-this-machine");
        page->reveal("tokens");
        QVERIFY(!button(*page, "newToken")->isEnabled());
        test::keepPicture(*page, "account-no-tokens");
        page->reveal("users");
        QVERIFY(button(*page, "newUser")->isEnabled());
        test::keepPicture(*page, "account-no-users");
    }

    void usageAddsUpToTheInvoice()
    {
        const auto page = open<UsagePage>();
        const Invoice before = page->invoice();
        QVERIFY(!before.lines.empty());
        page->findChild<QDoubleSpinBox*>("perGigabyte")->setValue(0.02);
        const Invoice invoice = page->invoice();
        std::map<std::string, std::int64_t> sums;
        for (const InvoiceLine& line : invoice.lines) {
            if (!line.currency.empty())
                sums[line.currency] += line.cents;
        }
        QVERIFY(sums == invoice.cents);
        QVERIFY(page->csv().startsWith("period,deployment,item"));
        QVERIFY(page->pdf().startsWith("%PDF-"));
        QCOMPARE(m_stage->settings.pricePerGigabyte(), 0.02);
        auto* month = page->findChild<QComboBox*>("month");
        m_stage->plane.usage = UsageReport{};
        month->setCurrentIndex(1);
        Q_EMIT month->activated(1);
        const UsageQuery asked = m_stage->plane.usageQueries.back();
        const std::chrono::year_month_day first(asked.from), last(asked.to);
        QVERIFY(first.day() == std::chrono::day(1) && first.month() == last.month());
        QVERIFY(asked.to < m_stage->plane.usageQueries.front().from);
        QCOMPARE(page->state(), PageState::Normal);
    }

    void pictures_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::addRow("light") << false;
        QTest::addRow("dark") << true;
    }

    void pictures()
    {
        QFETCH(bool, isDark);
        Theme theme(*qApp, m_stage->settings);
        theme.setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        const QString suffix = isDark ? "-dark" : "-light";
        const auto page = open<AccountPage>();
        for (const char* part : {"profile", "users", "tokens"}) {
            page->reveal(part);
            QTest::qWait(50);
            QCOMPARE(test::unnamedFields(*page).join(QStringLiteral("; ")), QString());
            test::keepPicture(*page, QStringLiteral("account-") + part + suffix);
        }
        page->reveal("users");
        click(*page, "newUser");
        form<UserForm>(*page)->findChild<QComboBox*>("reach")->setCurrentIndex(1);
        QTest::qWait(50);
        QCOMPARE(test::unnamedFields(*form<UserForm>(*page)).join(QStringLiteral("; ")), QString());
        test::keepPicture(*form<UserForm>(*page), "user-form" + suffix);
        form<UserForm>(*page)->reject();
        desk().users = fail(ErrorCode::Unavailable, "The store does not answer.", "Try again.");
        page->refresh();
        test::keepPicture(*page, "account-users-error" + suffix);
        const auto usage = open<UsagePage>();
        usage->findChild<QDoubleSpinBox*>("perGigabyte")->setValue(0.02);
        QTest::qWait(100);
        QCOMPARE(test::unnamedFields(*usage).join(QStringLiteral("; ")), QString());
        test::keepPicture(*usage, "usage" + suffix);
    }
};

QTEST_MAIN(AccountPageTest)
#include "account_page_test.moc"
