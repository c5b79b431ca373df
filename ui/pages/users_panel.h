#pragma once

#include "ui/pages/account_panel.h"

#include <vector>

class QPushButton;

namespace headgate {

class AccountForm;
class AccountList;

// Who may do what: everybody who can sign in.
class UsersPanel : public AccountPanel
{
    Q_OBJECT

public:
    UsersPanel(Report report, QWidget* parent = nullptr);

    void read() override;
    // Who is signed in; empty where nobody is.
    void setOwn(const QString& name) { m_own = name; }
    void setDeployments(std::vector<std::string> names) { m_deployments = std::move(names); }
    void focusFilter();

    void createUser();
    void editSelected();

protected:
    void clear() override;
    void updateActions() override;

private:
    void take(Result<std::vector<native::UserSummary>> answer);
    const native::UserSummary* selected() const;
    void openPassword();
    void switchSelected();
    void deleteSelected();
    // Closes the form and reads anew, or tells the form what failed.
    std::function<void(Result<CommandOutcome>)> settled(AccountForm* form, const QString& done);

    std::vector<native::UserSummary> m_users;
    std::vector<std::string> m_deployments;
    QString m_own;
    AccountList* m_list = nullptr;
    QPushButton* m_edit = nullptr;
    QPushButton* m_password = nullptr;
    QPushButton* m_switch = nullptr;  // disables, or enables again
    QPushButton* m_delete = nullptr;
    QPushButton* m_new = nullptr;
};

}  // namespace headgate
