#pragma once

#include "ui/frame/page.h"

class QStackedWidget;

namespace headgate {

class AccountPanel;
class ProfilePanel;
class Segmented;
class TokensPanel;
class UsersPanel;

// Who may do what, and with what?
class AccountPage : public Page
{
    Q_OBJECT

public:
    explicit AccountPage(PageContext& context, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void refresh() override;
    void reveal(const QString& key) override;  // "profile", "users", "tokens"

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;

private:
    enum class Part
    {
        Profile,
        Users,
        Tokens
    };

    void showPart(Part part);
    Part shown() const;
    AccountPanel* panel(Part part) const;

    Segmented* m_parts = nullptr;
    QStackedWidget* m_stack = nullptr;
    ProfilePanel* m_profile = nullptr;
    UsersPanel* m_users = nullptr;
    TokensPanel* m_tokens = nullptr;
};

}  // namespace headgate
