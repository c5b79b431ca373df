#pragma once

#include "ui/pages/account_panel.h"

#include <vector>

class QPushButton;

namespace headgate {

class AccountList;

// The personal tokens of who is signed in.
class TokensPanel : public AccountPanel
{
    Q_OBJECT

public:
    TokensPanel(Report report, QWidget* parent = nullptr);

    void read() override;
    // What a token may do at most.
    void setRole(AccountRole role) { m_role = role; }
    void focusFilter();
    void createToken();

protected:
    void clear() override;
    void updateActions() override;

private:
    void take(Result<std::vector<PersonalToken>> answer);
    void revokeSelected();
    void revoke(const PersonalToken& token);

    std::vector<PersonalToken> m_tokens;
    AccountRole m_role = AccountRole::Viewer;
    bool m_canHave = false;  // somebody is signed in, whose they would be
    AccountList* m_list = nullptr;
    QPushButton* m_revoke = nullptr;
    QPushButton* m_new = nullptr;
};

}  // namespace headgate
