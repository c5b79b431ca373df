#include "ui/pages/users_panel.h"

#include "ui/dialogs/account_dialogs.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/models/account_rows.h"
#include "ui/pages/account_list.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

QPushButton* named(QPushButton* button, const char* name)
{
    button->setObjectName(QLatin1String(name));
    return button;
}

}  // namespace

UsersPanel::UsersPanel(Report report, QWidget* parent)
    : AccountPanel(std::move(report), parent),
      m_list(new AccountList(new TablePane(rows::userColumns(), RowHeight::TwoLines,
                                           {tr("Filter by name, role, deployment"), tr("Filter users"), tr("Users"),
                                            tr("No user matches “%1”"), tr("No user passes the filter")}))),
      m_edit(named(makeButton(tr("Edit..."), ButtonKind::Normal, QStringLiteral("edit")), "editUser")),
      m_password(named(makeButton(tr("New password..."), ButtonKind::Normal, QStringLiteral("key")), "userPassword")),
      m_switch(named(makeButton(tr("Disable"), ButtonKind::Normal, QStringLiteral("lock")), "switchUser")),
      m_delete(named(makeButton(tr("Delete..."), ButtonKind::Danger), "deleteUser")),
      m_new(named(makeButton(tr("New user..."), ButtonKind::Primary, QStringLiteral("plus")), "newUser"))
{
    m_list->pane().filterBar().addChoice(QStringLiteral("role"), tr("Any role"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_list);
    for (QPushButton* button : {m_delete, m_switch, m_password, m_edit, m_new})
        actionRow()->addWidget(button);
    connect(m_new, &QPushButton::clicked, this, &UsersPanel::createUser);
    connect(m_edit, &QPushButton::clicked, this, &UsersPanel::editSelected);
    connect(m_password, &QPushButton::clicked, this, &UsersPanel::openPassword);
    connect(m_switch, &QPushButton::clicked, this, &UsersPanel::switchSelected);
    connect(m_delete, &QPushButton::clicked, this, &UsersPanel::deleteSelected);
    connect(m_list, &AccountList::selectionChanged, this, &UsersPanel::updateActions);
    connect(m_list, &AccountList::activated, this, &UsersPanel::editSelected);
    clear();
    UsersPanel::updateActions();
}

void UsersPanel::clear()
{
    m_users.clear();
    m_list->showLoading(tr("Waiting for the users."));
}

void UsersPanel::focusFilter()
{
    m_list->pane().filterBar().focusField();
}

void UsersPanel::read()
{
    if (!plane())
        return;
    setRead();
    plane()->accounts().listUsers(
        answered<std::vector<native::UserSummary>>([this](auto answer) { take(std::move(answer)); }));
}

void UsersPanel::take(Result<std::vector<native::UserSummary>> answer)
{
    m_users = answer.value_or(std::vector<native::UserSummary>());
    if (answer && m_users.empty()) {
        m_list->showEmpty(
            QStringLiteral("user"), tr("There are no users yet"),
            tr("headgatectl, programs and consoles elsewhere sign in as a user. The first one is an "
               "admin of everything."),
            {{tr("New user..."), [this] { createUser(); }, QStringLiteral("plus"), ActionNeed::FreshData}});
    } else if (answer) {
        QStringList roles;
        for (const native::UserSummary& user : m_users)
            roles << rows::roleWord(user.role);
        roles.removeDuplicates();
        m_list->pane().filterBar().setChoiceValues(QStringLiteral("role"), roles);
        m_list->showRows(rows::users(m_users, format::utf8(m_own)));
    } else if (answer.error().code == ErrorCode::PermissionDenied || answer.error().code == ErrorCode::Unsupported) {
        m_list->showEmpty(QStringLiteral("lock"), tr("Users are not yours to see"), format::errorLine(answer.error()),
                          {});
    } else {
        m_list->showError(answer.error(), [this] { read(); });
    }
    updateActions();
}

const native::UserSummary* UsersPanel::selected() const
{
    const auto found = std::ranges::find(m_users, format::utf8(m_list->selected()), &native::UserSummary::name);
    return found == m_users.end() ? nullptr : &*found;
}

void UsersPanel::updateActions()
{
    const native::UserSummary* user = selected();
    const bool isLast = user && user->name == rows::lastAdmin(m_users);
    const QString why = !whyReadOnly().isEmpty() ? whyReadOnly() : user ? QString() : tr("Select a user first.");
    m_switch->setText(user && user->state == AccountState::Disabled ? tr("Enable") : tr("Disable"));
    for (QPushButton* button : {m_edit, m_password, m_switch, m_delete}) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why);
    }
    if (why.isEmpty() && isLast) {
        for (QPushButton* button : {m_switch, m_delete}) {
            button->setEnabled(false);
            button->setToolTip(
                tr("%1 is the last one who administers everything. Make another admin first.").arg(m_list->selected()));
        }
    }
    m_new->setEnabled(whyReadOnly().isEmpty() && plane() != nullptr);
    m_new->setToolTip(whyReadOnly());
    m_list->state().setReadOnly(whyReadOnly());
}

std::function<void(Result<CommandOutcome>)> UsersPanel::settled(AccountForm* form, const QString& done)
{
    return answered<CommandOutcome>([this, form = QPointer<AccountForm>(form), done](Result<CommandOutcome> outcome) {
        if (!outcome && form)
            return form->showFailure(outcome.error());
        report(outcome ? done : format::errorLine(outcome.error()));
        if (form)
            form->accept();
        read();
    });
}

void UsersPanel::createUser()
{
    if (!m_new->isEnabled())
        return;
    auto* form = new UserForm(m_deployments, this);
    form->setAttribute(Qt::WA_DeleteOnClose);
    form->setShell([this, form] { return asCommand(form->user()); });
    connect(form, &UserForm::submitted, this, [this, form](const native::NewUser& user) {
        if (plane())
            plane()->accounts().createUser(user, settled(form, tr("User %1 is made").arg(format::text(user.name))));
    });
    form->open();
}

void UsersPanel::editSelected()
{
    const native::UserSummary* user = selected();
    if (!user || !m_edit->isEnabled())
        return;
    auto* form = new UserForm(*user, m_deployments, this);
    form->setAttribute(Qt::WA_DeleteOnClose);
    form->setShell([this, form, before = *user] {
        const native::NewUser wish = form->user();
        return asCommand(native::ChangeUserRights{before.name, {wish.role, wish.deployments}, before.version});
    });
    if (user->name == rows::lastAdmin(m_users))
        form->lock(tr("This is the last one who administers everything. Make another admin first."));
    connect(form, &UserForm::submitted, this, [this, form, before = *user](const native::NewUser& wish) {
        if (plane())
            plane()->accounts().changeRights(before.name, {wish.role, wish.deployments}, before.version,
                                             settled(form, tr("User %1 is changed").arg(format::text(before.name))));
    });
    form->open();
}

void UsersPanel::openPassword()
{
    const QString name = m_list->selected();
    auto* form = new PasswordForm(name, this);
    form->setAttribute(Qt::WA_DeleteOnClose);
    form->setShell([this, name] { return asCommand(native::SetUserPassword{format::utf8(name), {}}); });
    connect(form, &PasswordForm::submitted, this, [this, form, name](const native::PasswordWish& wish) {
        if (plane())
            plane()->accounts().setPassword(format::utf8(name), wish.password,
                                            settled(form, tr("%1 has the new password").arg(name)));
    });
    form->open();
}

// What it ends can be undone but for the sessions, so it is not asked about.
void UsersPanel::switchSelected()
{
    const native::UserSummary* user = selected();
    if (!user || !plane())
        return;
    const QString name = format::text(user->name);
    const bool isDisabled = user->state == AccountState::Disabled;
    plane()->accounts().changeState(
        user->name, isDisabled ? AccountState::Enabled : AccountState::Disabled, user->version,
        settled(nullptr, isDisabled ? tr("%1 is enabled").arg(name) : tr("%1 is disabled and signed out").arg(name)));
}

void UsersPanel::deleteSelected()
{
    const native::UserSummary* user = selected();
    if (!user)
        return;
    const QString name = format::text(user->name);
    ConfirmationQuestion question;
    question.title = tr("Delete %1?").arg(name);
    question.losses = {tr("%n session(s) end at once.", nullptr, user->sessions),
                       tr("%n token(s) stop working: programs that use them are refused.", nullptr, user->tokens),
                       tr("This cannot be undone.")};
    if (name == m_own)
        question.losses << tr("This is you: you are signed out.");
    question.kept = tr("What %1 did stays in the audit trail.").arg(name);
    question.typeLabel = tr("Type the user's name to confirm");
    question.name = name;
    question.keepText = tr("Keep %1").arg(name);
    question.actText = tr("Delete user");
    question.asCommand = [this, gone = *user] { return asCommand(native::RemoveUser{gone.name, gone.version}); };
    TypedConfirmation::ask(this, question, [this, gone = *user, name] {
        if (plane())
            plane()->accounts().deleteUser(gone.name, gone.version, settled(nullptr, tr("%1 is deleted").arg(name)));
    });
}

}  // namespace headgate
