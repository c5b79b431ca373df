#pragma once

#include "ui/pages/account_panel.h"

class QPushButton;
class QStackedWidget;

namespace headgate {

class Card;
class KeyValueList;
class StateView;
class TextLabel;

// Who is signed in, and what that allows; with the way to another password.
class ProfilePanel : public AccountPanel
{
    Q_OBJECT

public:
    ProfilePanel(Report report, QWidget* parent = nullptr);

    void read() override;
    void changePassword();

Q_SIGNALS:
    // An empty name: nobody signs in here.
    void known(const headgate::native::UserSummary& user);
    void usersWanted();

protected:
    void clear() override;
    void updateActions() override;

private:
    void take(const Result<native::UserSummary>& answer);
    void showUser(const native::UserSummary& user);
    void showThisMachine(const Error& why);

    bool m_isSignedIn = false;
    QStackedWidget* m_stack = nullptr;
    StateView* m_state = nullptr;
    Card* m_card = nullptr;
    TextLabel* m_effect = nullptr;
    KeyValueList* m_facts = nullptr;
    QPushButton* m_password = nullptr;
};

}  // namespace headgate
