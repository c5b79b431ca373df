#include "ui/dialogs/account_dialogs.h"

#include "ui/dialogs/command_dialog.h"
#include "ui/format.h"
#include "ui/models/account_rows.h"
#include "ui/shell/theme.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace headgate {

namespace {

constexpr int formWidth = 440;
constexpr int leastPasswordLength = 12;
constexpr int longestName = 64;
constexpr int limitRows = 5;

TimePoint now()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

QString whyNoPassword(const QString& password, const QString& again)
{
    if (password.size() < leastPasswordLength)
        return AccountForm::tr("A password has at least %n characters.", nullptr, leastPasswordLength);
    return password == again ? QString() : AccountForm::tr("The two passwords differ.");
}

}  // namespace

AccountForm::AccountForm(const QString& title, const QString& actText, QWidget* parent)
    : QDialog(parent), m_column(new QVBoxLayout), m_failure(new Notice), m_act(makeButton(actText, ButtonKind::Primary))
{
    setWindowTitle(title);
    setMinimumWidth(scaled(formWidth));
    auto* whole = new QVBoxLayout(this);
    whole->setContentsMargins(20, 20, 20, 20);
    whole->setSpacing(6);
    auto* heading = new TextLabel(title, TextRole::Heading);
    heading->setWordWrap(true);
    whole->addWidget(heading);
    m_failure->setObjectName(QStringLiteral("failure"));
    m_failure->hide();
    whole->addWidget(m_failure);
    m_column->setSpacing(6);
    whole->addLayout(m_column);
    whole->addSpacing(10);
    auto* cancel = makeButton(tr("Cancel"), ButtonKind::Ghost);
    cancel->setAutoDefault(false);
    cancel->setObjectName(QStringLiteral("cancel"));
    m_act->setObjectName(QStringLiteral("act"));
    m_act->setDefault(true);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(8);
    m_buttons->addStretch();
    m_buttons->addWidget(cancel);
    m_buttons->addWidget(m_act);
    whole->addLayout(m_buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_act, &QPushButton::clicked, this, &AccountForm::submit);
}

void AccountForm::setShell(ShellSource source)
{
    m_buttons->insertWidget(0, makeCommandButton([this] { return windowTitle(); }, std::move(source)));
}

void AccountForm::addField(const std::string& pointer, const QString& label, QWidget* field)
{
    m_column->addSpacing(6);
    m_column->addWidget(new TextLabel(label, TextRole::SmallStrong, TextTone::Secondary));
    field->setAccessibleName(label);
    m_column->addWidget(field);
    m_fields.emplace_back(pointer, field);
}

QLineEdit* AccountForm::addText(const std::string& pointer, const QString& label, const QString& name)
{
    auto* field = new QLineEdit;
    field->setObjectName(name);
    addField(pointer, label, field);
    connect(field, &QLineEdit::textChanged, this, &AccountForm::check);
    return field;
}

QLineEdit* AccountForm::addSecret(const std::string& pointer, const QString& label, const QString& name)
{
    QLineEdit* field = addText(pointer, label, name);
    field->setEchoMode(QLineEdit::Password);
    return field;
}

TextLabel* AccountForm::addNote(const QString& text)
{
    auto* note = new TextLabel(text, TextRole::Caption, TextTone::Tertiary);
    note->setWordWrap(true);
    m_column->addWidget(note);
    return note;
}

QComboBox* AccountForm::addRoles(AccountRole most)
{
    auto* roles = new QComboBox;
    roles->setObjectName(QStringLiteral("role"));
    for (const AccountRole role :
         {AccountRole::Viewer, AccountRole::Operator, AccountRole::Scheduler, AccountRole::Admin}) {
        if (most == AccountRole::Admin || role == AccountRole::Viewer || role == most)
            roles->addItem(rows::roleWord(role), static_cast<int>(role));
    }
    addField("/role", tr("Role"), roles);
    TextLabel* effect = addNote({});
    const auto tell = [roles, effect] {
        effect->setText(rows::roleEffect(static_cast<AccountRole>(roles->currentData().toInt())));
    };
    connect(roles, &QComboBox::currentIndexChanged, this, tell);
    tell();
    return roles;
}

void AccountForm::showFailure(const Error& error)
{
    for (const auto& [pointer, field] : m_fields) {
        if (!field || pointer != error.pointer)
            continue;
        setBad(field, format::errorLine(error));
        field->setFocus();
    }
    m_failure->setContent(Status::Critical, format::error(error).title, format::errorLine(error));
    m_failure->show();
    check();
}

void AccountForm::check()
{
    const QString why = whyNot();
    m_act->setEnabled(why.isEmpty());
    m_act->setToolTip(why);
}

void AccountForm::submit()
{
    m_failure->hide();
    for (const auto& [pointer, field] : m_fields) {
        if (field)
            setBad(field, {});
    }
    m_act->setEnabled(false);
    send();
}

UserForm::UserForm(const std::vector<std::string>& deployments, QWidget* parent)
    : AccountForm(tr("New user"), tr("Make user"), parent)
{
    m_name = addText("/name", tr("Name"), QStringLiteral("name"));
    m_name->setMaxLength(longestName);
    m_password = addSecret("/password", tr("Password"), QStringLiteral("password"));
    m_again = addSecret({}, tr("The same again"), QStringLiteral("again"));
    addNote(
        tr("At least %n characters. Three or four random words are easy to remember.", nullptr, leastPasswordLength));
    m_role = addRoles(AccountRole::Admin);
    addLimits(deployments, {});
    check();
    m_name->setFocus();
}

UserForm::UserForm(const native::UserSummary& user, const std::vector<std::string>& deployments, QWidget* parent)
    : AccountForm(tr("What %1 may do").arg(format::text(user.name)), tr("Apply"), parent)
{
    m_role = addRoles(AccountRole::Admin);
    m_role->setCurrentIndex(m_role->findData(static_cast<int>(user.role)));
    addLimits(deployments, user.deployments);
    addNote(tr("It holds for the next thing the user does."));
    check();
    m_role->setFocus();
}

void UserForm::addLimits(const std::vector<std::string>& all, const std::vector<std::string>& chosen)
{
    m_reach = new QComboBox;
    m_reach->setObjectName(QStringLiteral("reach"));
    m_reach->addItem(tr("Everything"));
    m_reach->addItem(tr("Some deployments"));
    addField("/deployments", tr("May see and change"), m_reach);
    m_deployments = new QListWidget;
    m_deployments->setObjectName(QStringLiteral("deployments"));
    m_deployments->setAccessibleName(tr("Deployments"));
    for (const std::string& name : all) {
        auto* item = new QListWidgetItem(format::text(name), m_deployments);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
        const bool isChosen = std::find(chosen.begin(), chosen.end(), name) != chosen.end();
        item->setCheckState(isChosen ? Qt::Checked : Qt::Unchecked);
    }
    m_deployments->setFixedHeight(m_deployments->fontMetrics().height() * 2 *
                                  std::clamp(static_cast<int>(all.size()), 1, limitRows));
    column()->addWidget(m_deployments);
    TextLabel* none = addNote(tr("There is no deployment yet that one could be limited to."));
    none->setVisible(all.empty());
    m_reach->setEnabled(!all.empty());
    m_reach->setCurrentIndex(chosen.empty() ? 0 : 1);
    m_deployments->setVisible(!chosen.empty());
    connect(m_reach, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_deployments->setVisible(index == 1);
        check();
        adjustSize();
    });
    connect(m_deployments, &QListWidget::itemChanged, this, &UserForm::check);
}

std::vector<std::string> UserForm::limits() const
{
    std::vector<std::string> names;
    for (int row = 0; m_reach->currentIndex() == 1 && row < m_deployments->count(); ++row) {
        if (m_deployments->item(row)->checkState() == Qt::Checked)
            names.push_back(format::utf8(m_deployments->item(row)->text()));
    }
    return names;
}

void UserForm::lock(const QString& why)
{
    for (QWidget* field :
         {static_cast<QWidget*>(m_role), static_cast<QWidget*>(m_reach), static_cast<QWidget*>(m_deployments)}) {
        field->setEnabled(false);
        field->setToolTip(why);
    }
    addNote(why);
    act()->setEnabled(false);
    act()->setToolTip(why);
}

QString UserForm::whyNot() const
{
    if (m_name && m_name->text().trimmed().isEmpty())
        return tr("The user has no name yet.");
    if (m_reach && m_reach->currentIndex() == 1 && limits().empty())
        return tr("Choose a deployment.");
    return m_password ? whyNoPassword(m_password->text(), m_again->text()) : QString();
}

native::NewUser UserForm::user() const
{
    native::NewUser user;
    if (m_name) {
        user.name = format::utf8(m_name->text().trimmed());
        user.password = format::utf8(m_password->text());
    }
    user.role = static_cast<AccountRole>(m_role->currentData().toInt());
    user.deployments = limits();
    return user;
}

void UserForm::send()
{
    Q_EMIT submitted(user());
}

PasswordForm::PasswordForm(const QString& user, QWidget* parent)
    : AccountForm(user.isEmpty() ? tr("Change your password") : tr("New password of %1").arg(user),
                  tr("Change password"), parent)
{
    if (user.isEmpty())
        m_old = addSecret("/oldPassword", tr("Old password"), QStringLiteral("oldPassword"));
    m_password = addSecret("/password", tr("New password"), QStringLiteral("password"));
    m_again = addSecret({}, tr("The same again"), QStringLiteral("again"));
    addNote(
        tr("At least %n characters. Three or four random words are easy to remember.", nullptr, leastPasswordLength));
    addNote(user.isEmpty() ? tr("All other sessions of yours end. Tokens stay.")
                           : tr("All sessions of %1 end. Tokens stay.").arg(user));
    check();
    (m_old ? m_old : m_password)->setFocus();
}

QString PasswordForm::whyNot() const
{
    if (m_old && m_old->text().isEmpty())
        return tr("The old password is missing.");
    return m_again ? whyNoPassword(m_password->text(), m_again->text()) : QString();
}

void PasswordForm::send()
{
    Q_EMIT submitted({format::utf8(m_password->text()), m_old ? format::utf8(m_old->text()) : std::string()});
}

TokenForm::TokenForm(AccountRole most, QWidget* parent) : AccountForm(tr("New token"), tr("Make token"), parent)
{
    m_name = addText("/name", tr("What is it for?"), QStringLiteral("name"));
    m_name->setMaxLength(longestName);
    m_role = addRoles(most);
    m_expiry = new QComboBox;
    m_expiry->setObjectName(QStringLiteral("expiry"));
    for (const auto& [text, days] : {std::pair(tr("In 30 days"), 30), std::pair(tr("In 90 days"), 90),
                                     std::pair(tr("In a year"), 365), std::pair(tr("Never"), 0)})
        m_expiry->addItem(text, days);
    m_expiry->setCurrentIndex(1);
    addField("/expiresAt", tr("Expires"), m_expiry);
    addNote(tr("Programs show it as “Authorization: Bearer ...”. It can be revoked at any time."));
    check();
    m_name->setFocus();
}

QString TokenForm::whyNot() const
{
    if (m_isMade || !m_name)
        return {};
    return m_name->text().trimmed().isEmpty() ? tr("The token has no name yet.") : QString();
}

native::TokenWish TokenForm::wish() const
{
    native::TokenWish wish;
    wish.name = format::utf8(m_name->text().trimmed());
    wish.role = static_cast<AccountRole>(m_role->currentData().toInt());
    if (const int days = m_expiry->currentData().toInt(); days > 0)
        wish.expiresAt = now() + std::chrono::days(days);
    return wish;
}

void TokenForm::send()
{
    if (m_isMade)
        accept();
    else
        Q_EMIT submitted(wish());
}

void TokenForm::showMade(const MadeToken& made)
{
    m_isMade = true;
    while (QLayoutItem* item = column()->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_name = nullptr;
    auto* secret = new QLineEdit(format::text(made.secret));
    secret->setObjectName(QStringLiteral("secret"));
    secret->setReadOnly(true);
    secret->setCursorPosition(0);
    secret->setAccessibleName(tr("The token"));
    auto* copy = new CopyButton(tr("Copy the token"));
    copy->setCopied(secret->text());
    auto* told = new Notice;
    told->setContent(Status::Warning, tr("This is shown once"), tr("Copy it now: nobody can read it later."));
    column()->addWidget(told);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(secret, 1);
    row->addWidget(copy);
    column()->addLayout(row);
    act()->setText(tr("Done"));
    for (const char* name : {"cancel", "showAsCommand"}) {
        if (auto* button = findChild<QPushButton*>(QLatin1String(name)))
            button->hide();
    }
    check();
    copy->setFocus();
    adjustSize();
}

}  // namespace headgate
