#include "ui/pages/profile_panel.h"

#include "ui/dialogs/account_dialogs.h"
#include "ui/format.h"
#include "ui/models/account_rows.h"
#include "ui/shell/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <utility>

namespace headgate {

namespace {

constexpr int cardWidth = 560;

}  // namespace

ProfilePanel::ProfilePanel(Report report, QWidget* parent)
    : AccountPanel(std::move(report), parent),
      m_stack(new QStackedWidget),
      m_state(new StateView),
      m_card(new Card),
      m_effect(new TextLabel({}, TextRole::Body, TextTone::Secondary)),
      m_facts(new KeyValueList),
      m_password(makeButton(tr("Change password..."), ButtonKind::Primary, QStringLiteral("key")))
{
    m_password->setObjectName(QStringLiteral("changePassword"));
    m_effect->setWordWrap(true);
    m_card->setFixedWidth(scaled(cardWidth));
    m_card->body()->setSpacing(10);
    m_card->body()->addWidget(m_effect);
    m_card->body()->addWidget(m_facts);
    m_card->body()->addStretch();
    m_card->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Maximum);
    m_effect->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* shown = new QWidget;
    auto* column = new QVBoxLayout(shown);
    column->setContentsMargins(20, 12, 20, 20);
    column->addWidget(m_card);
    column->addStretch();
    m_stack->addWidget(shown);
    m_stack->addWidget(m_state);
    auto* whole = new QVBoxLayout(this);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->addWidget(m_stack);
    actionRow()->addWidget(m_password);
    connect(m_password, &QPushButton::clicked, this, &ProfilePanel::changePassword);
    ProfilePanel::clear();
    ProfilePanel::updateActions();
}

void ProfilePanel::clear()
{
    m_isSignedIn = false;
    m_state->showLoading(tr("Waiting for your profile."));
    m_stack->setCurrentWidget(m_state);
}

void ProfilePanel::read()
{
    if (!plane())
        return;
    setRead();
    plane()->accounts().readProfile(
        answered<native::UserSummary>([this](const Result<native::UserSummary>& answer) { take(answer); }));
}

void ProfilePanel::take(const Result<native::UserSummary>& answer)
{
    m_isSignedIn = answer.has_value();
    if (answer)
        showUser(*answer);
    else if (answer.error().code == ErrorCode::Unsupported)
        showThisMachine(answer.error());
    else
        m_state->showError({}, answer.error(), {{tr("Try again"), [this] { read(); }, QStringLiteral("refresh")}});
    m_stack->setCurrentIndex(answer ? 0 : 1);
    updateActions();
    if (answer || answer.error().code == ErrorCode::Unsupported)
        Q_EMIT known(answer.value_or(native::UserSummary()));
}

void ProfilePanel::showUser(const native::UserSummary& user)
{
    m_card->setTitle(format::text(user.name));
    m_effect->setText(rows::roleEffect(user.role));
    m_facts->setRows({{tr("Role"), rows::roleWord(user.role), ValueStyle::Text, {}},
                      {tr("May see and change"), rows::scopeWords(user.deployments), ValueStyle::Text, {}},
                      {tr("Signed in at"), format::text(plane()->link().address), ValueStyle::Mono, {}},
                      {tr("Sessions"), format::count(user.sessions), ValueStyle::Figure, {}},
                      {tr("Tokens"), format::count(user.tokens), ValueStyle::Figure, {}},
                      {tr("Made"), format::momentBy(user.createdAt, user.origin.createdBy), ValueStyle::Text, {}},
                      {tr("Changed"), format::momentBy(user.updatedAt, user.updatedBy), ValueStyle::Text, {}}});
}

void ProfilePanel::showThisMachine(const Error& why)
{
    m_state->showEmpty(QStringLiteral("laptop"), tr("This cluster runs inside this console"), format::errorLine(why),
                       {{tr("Show users"), [this] { Q_EMIT usersWanted(); }, QStringLiteral("user")}});
}

void ProfilePanel::updateActions()
{
    const QString why = !whyReadOnly().isEmpty() ? whyReadOnly()
                        : m_isSignedIn           ? QString()
                                                 : tr("Nobody is signed in here.");
    m_password->setEnabled(why.isEmpty());
    m_password->setToolTip(why);
}

void ProfilePanel::changePassword()
{
    if (!m_password->isEnabled())
        return;
    auto* form = new PasswordForm({}, this);
    form->setAttribute(Qt::WA_DeleteOnClose);
    form->setShell([this] { return asCommand(native::PasswordWish{}); });
    connect(form, &PasswordForm::submitted, this, [this, form](const native::PasswordWish& wish) {
        if (!plane())
            return;
        const QPointer<PasswordForm> open(form);
        plane()->accounts().changeOwnPassword(
            wish, answered<CommandOutcome>([this, open](const Result<CommandOutcome>& outcome) {
                if (!outcome && open)
                    return open->showFailure(outcome.error());
                report(outcome ? tr("Your password is changed") : format::errorLine(outcome.error()));
                if (open)
                    open->accept();
                read();
            }));
    });
    form->open();
}

}  // namespace headgate
