#include "ui/pages/account_page.h"

#include "ui/format.h"
#include "ui/pages/profile_panel.h"
#include "ui/pages/tokens_panel.h"
#include "ui/pages/users_panel.h"
#include "ui/widgets/segmented.h"

#include <QHBoxLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <array>

namespace headgate {

namespace {

PageIdentity identityOfPage()
{
    return {QStringLiteral("account"), AccountPage::tr("Account"), AccountPage::tr("Who may do what, and with what?"),
            QStringLiteral("user"),    QLatin1Char('C'),           RailSection::Manage};
}

const std::array partKeys = {QLatin1String("profile"), QLatin1String("users"), QLatin1String("tokens")};

}  // namespace

AccountPage::AccountPage(PageContext& context, QWidget* parent)
    : Page(identityOfPage(), parent),
      m_parts(new Segmented({tr("Profile"), tr("Users"), tr("Tokens")}, tr("Parts of the account"))),
      m_stack(new QStackedWidget)
{
    setAbility(Ability::ManageAccounts);
    const auto report = [&context](const QString& text) { context.toast({text, nullptr}); };
    m_profile = new ProfilePanel(report);
    m_users = new UsersPanel(report);
    m_tokens = new TokensPanel(report);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(20, 0, 20, 10);
    head->addWidget(m_parts);
    head->addStretch();
    content()->addLayout(head);
    content()->addWidget(m_stack, 1);
    for (const Part part : {Part::Profile, Part::Users, Part::Tokens}) {
        panel(part)->setServer(context.apiUrl);
        m_stack->addWidget(panel(part));
        actions()->addWidget(panel(part)->actions());
    }
    connect(m_parts, &Segmented::currentChanged, this, [this](int index) { showPart(static_cast<Part>(index)); });
    connect(m_profile, &ProfilePanel::usersWanted, this, [this] { showPart(Part::Users); });
    connect(m_profile, &ProfilePanel::known, this, [this](const native::UserSummary& user) {
        m_users->setOwn(format::text(user.name));
        m_tokens->setRole(user.role);
    });
    showPart(Part::Profile);
}

AccountPanel* AccountPage::panel(Part part) const
{
    switch (part) {
    case Part::Users:
        return m_users;
    case Part::Tokens:
        return m_tokens;
    case Part::Profile:
        break;
    }
    return m_profile;
}

AccountPage::Part AccountPage::shown() const
{
    return static_cast<Part>(m_stack->currentIndex());
}

void AccountPage::showPart(Part part)
{
    m_parts->setCurrentIndex(static_cast<int>(part));
    m_stack->setCurrentIndex(static_cast<int>(part));
    for (const Part each : {Part::Profile, Part::Users, Part::Tokens})
        panel(each)->actions()->setVisible(each == part);
    // Who one is belongs to all parts.
    for (AccountPanel* wanted : {static_cast<AccountPanel*>(m_profile), panel(part)}) {
        if (state() == PageState::Normal && !wanted->isRead())
            wanted->read();
    }
}

void AccountPage::onSnapshot(const Snapshot& snapshot)
{
    showNormal();
    std::vector<std::string> deployments;
    for (const DeploymentStatus& status : snapshot.deployments)
        deployments.push_back(status.stored.deployment.name);
    m_users->setDeployments(std::move(deployments));
    onStaleChanged();
    showPart(shown());
}

void AccountPage::onControlPlaneChanged()
{
    for (const Part part : {Part::Profile, Part::Users, Part::Tokens})
        panel(part)->look(controlPlane());
}

void AccountPage::onStaleChanged()
{
    for (const Part part : {Part::Profile, Part::Users, Part::Tokens})
        panel(part)->setReadOnly(whyReadOnly());
}

void AccountPage::refresh()
{
    Page::refresh();
    if (state() == PageState::Normal)
        panel(shown())->read();
}

void AccountPage::focusFilter()
{
    if (shown() == Part::Users)
        m_users->focusFilter();
    else if (shown() == Part::Tokens)
        m_tokens->focusFilter();
}

void AccountPage::reveal(const QString& key)
{
    for (std::size_t i = 0; i < partKeys.size(); ++i) {
        if (key == partKeys[i])
            showPart(static_cast<Part>(i));
    }
}

std::vector<PaletteAction> AccountPage::paletteActions() const
{
    auto* self = const_cast<AccountPage*>(this);
    const auto action = [self](const QString& text, const QString& effect, const QString& icon, Part part, auto run) {
        return PaletteAction{text,
                             effect,
                             icon,
                             {},
                             {},
                             [self, part, run] {
                                 Q_EMIT self->goToRequested(QStringLiteral("account"),
                                                            partKeys[static_cast<std::size_t>(part)]);
                                 run();
                             },
                             {}};
    };
    return {action(tr("Change your password"), tr("ends your other sessions"), QStringLiteral("key"), Part::Profile,
                   [self] { self->m_profile->changePassword(); }),
            action(tr("Make a user"), tr("with a role and limits"), QStringLiteral("user"), Part::Users,
                   [self] { self->m_users->createUser(); }),
            action(tr("Make a token"), tr("for a program"), QStringLiteral("key"), Part::Tokens,
                   [self] { self->m_tokens->createToken(); })};
}

}  // namespace headgate
