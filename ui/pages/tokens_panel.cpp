#include "ui/pages/tokens_panel.h"

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
#include <chrono>
#include <utility>

namespace headgate {

namespace {

TimePoint now()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace

TokensPanel::TokensPanel(Report report, QWidget* parent)
    : AccountPanel(std::move(report), parent),
      m_list(new AccountList(new TablePane(rows::tokenColumns(), RowHeight::TwoLines,
                                           {tr("Filter by name"), tr("Filter tokens"), tr("Tokens"),
                                            tr("No token matches “%1”"), tr("No token passes the filter")}))),
      m_revoke(makeButton(tr("Revoke..."), ButtonKind::Danger)),
      m_new(makeButton(tr("New token..."), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_revoke->setObjectName(QStringLiteral("revokeToken"));
    m_new->setObjectName(QStringLiteral("newToken"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_list);
    actionRow()->addWidget(m_revoke);
    actionRow()->addWidget(m_new);
    connect(m_new, &QPushButton::clicked, this, &TokensPanel::createToken);
    connect(m_revoke, &QPushButton::clicked, this, &TokensPanel::revokeSelected);
    connect(m_list, &AccountList::selectionChanged, this, &TokensPanel::updateActions);
    TokensPanel::clear();
    TokensPanel::updateActions();
}

void TokensPanel::clear()
{
    m_tokens.clear();
    m_canHave = false;
    m_list->showLoading(tr("Waiting for the tokens."));
}

void TokensPanel::focusFilter()
{
    m_list->pane().filterBar().focusField();
}

void TokensPanel::read()
{
    if (!plane())
        return;
    setRead();
    plane()->accounts().listTokens(
        answered<std::vector<PersonalToken>>([this](auto answer) { take(std::move(answer)); }));
}

void TokensPanel::take(Result<std::vector<PersonalToken>> answer)
{
    m_canHave = answer.has_value();
    m_tokens = answer.value_or(std::vector<PersonalToken>());
    if (!m_tokens.empty()) {
        m_list->showRows(rows::tokens(m_tokens, now()));
    } else if (answer) {
        m_list->showEmpty(
            QStringLiteral("key"), tr("You have no tokens"),
            tr("A token lets a program act as you, with your role or a lower one. Each program gets its own."),
            {{tr("New token..."), [this] { createToken(); }, QStringLiteral("plus"), ActionNeed::FreshData}});
    } else if (answer.error().code == ErrorCode::Unsupported) {
        m_list->showEmpty(QStringLiteral("laptop"), tr("Tokens belong to users"), format::errorLine(answer.error()),
                          {});
    } else {
        m_list->showError(answer.error(), [this] { read(); });
    }
    updateActions();
}

void TokensPanel::updateActions()
{
    const QString why = !whyReadOnly().isEmpty() ? whyReadOnly()
                        : m_canHave              ? QString()
                                                 : tr("Nobody is signed in here whose token it would be.");
    m_new->setEnabled(why.isEmpty());
    m_new->setToolTip(why);
    const QString whyKept = !why.isEmpty()                 ? why
                            : m_list->selected().isEmpty() ? tr("Select a token first.")
                                                           : QString();
    m_revoke->setEnabled(whyKept.isEmpty());
    m_revoke->setToolTip(whyKept);
    m_list->state().setReadOnly(whyReadOnly());
}

void TokensPanel::createToken()
{
    if (!m_new->isEnabled())
        return;
    auto* form = new TokenForm(m_role, this);
    form->setAttribute(Qt::WA_DeleteOnClose);
    form->setShell([this, form] { return asCommand(form->wish()); });
    connect(form, &TokenForm::submitted, this, [this, form](const native::TokenWish& wish) {
        if (!plane())
            return;
        const QPointer<TokenForm> open(form);
        plane()->accounts().createToken(wish, answered<MadeToken>([this, open](Result<MadeToken> made) {
                                            if (open && made)
                                                open->showMade(*made);
                                            else if (open)
                                                open->showFailure(made.error());
                                            read();
                                        }));
    });
    form->open();
}

void TokensPanel::revokeSelected()
{
    const auto token = std::ranges::find(m_tokens, format::utf8(m_list->selected()), &PersonalToken::id);
    if (token == m_tokens.end())
        return;
    const QString name = format::text(token->name);
    ConfirmationQuestion question;
    question.title = tr("Revoke the token %1?").arg(name);
    question.losses = {token->lastUsedAt == TimePoint()
                           ? tr("It was not used yet.")
                           : tr("Programs that use it are refused at once. It was used last on %1.")
                                 .arg(format::dateClock(token->lastUsedAt)),
                       tr("This cannot be undone.")};
    question.keepText = tr("Keep it");
    question.actText = tr("Revoke");
    question.asCommand = [this, id = token->id] { return asCommand(native::RevokeToken{id}); };
    TypedConfirmation::ask(this, question, [this, revoked = *token] { revoke(revoked); });
}

void TokensPanel::revoke(const PersonalToken& token)
{
    if (!plane())
        return;
    const QString done = tr("The token %1 is revoked").arg(format::text(token.name));
    plane()->accounts().revokeToken(token.id, answered<CommandOutcome>([this, done](Result<CommandOutcome> outcome) {
                                        report(outcome ? done : format::errorLine(outcome.error()));
                                        read();
                                    }));
}

}  // namespace headgate
