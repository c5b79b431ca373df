#pragma once

#include "core/plane/account_desk.h"
#include "ui/models/shell_command.h"

#include <QDialog>
#include <QPointer>

#include <string>
#include <utility>
#include <vector>

class QComboBox;
class QHBoxLayout;
class QLineEdit;
class QListWidget;
class QPushButton;
class QVBoxLayout;

namespace headgate {

class Notice;
class TextLabel;

// A form that stays open until it is told how it went.
class AccountForm : public QDialog
{
    Q_OBJECT

public:
    // Offers what `source` says as a command.
    void setShell(ShellSource source);

    // Says what failed, at the field if it is one of the form's.
    void showFailure(const Error& error);

protected:
    AccountForm(const QString& title, const QString& actText, QWidget* parent);

    // Label above field, below what is there already.
    void addField(const std::string& pointer, const QString& label, QWidget* field);
    QLineEdit* addText(const std::string& pointer, const QString& label, const QString& name);
    QLineEdit* addSecret(const std::string& pointer, const QString& label, const QString& name);
    TextLabel* addNote(const QString& text);
    // Among roles up to `most`, with what each may do below.
    QComboBox* addRoles(AccountRole most);
    QVBoxLayout* column() const { return m_column; }
    QPushButton* act() const { return m_act; }

    // Whether the act is open, and why not; asked after each change of a field.
    virtual QString whyNot() const = 0;
    virtual void send() = 0;
    void check();

private:
    void submit();

    QVBoxLayout* m_column = nullptr;
    Notice* m_failure = nullptr;
    QPushButton* m_act = nullptr;
    QHBoxLayout* m_buttons = nullptr;
    std::vector<std::pair<std::string, QPointer<QWidget>>> m_fields;
};

// A new user, or other rights of one who is there.
class UserForm : public AccountForm
{
    Q_OBJECT

public:
    // `deployments` are those that one may be limited to.
    UserForm(const std::vector<std::string>& deployments, QWidget* parent);
    UserForm(const native::UserSummary& user, const std::vector<std::string>& deployments, QWidget* parent);

    // Role and limits stay as they are, with the reason.
    void lock(const QString& why);

    native::NewUser user() const;  // as it is typed

Q_SIGNALS:
    // Without a password where none is asked for.
    void submitted(const headgate::native::NewUser& user);

protected:
    QString whyNot() const override;
    void send() override;

private:
    void addLimits(const std::vector<std::string>& all, const std::vector<std::string>& chosen);
    std::vector<std::string> limits() const;

    QLineEdit* m_name = nullptr;
    QLineEdit* m_password = nullptr;
    QLineEdit* m_again = nullptr;
    QComboBox* m_role = nullptr;
    QComboBox* m_reach = nullptr;
    QListWidget* m_deployments = nullptr;
};

// A new password: of oneself with the old one, of somebody else without.
class PasswordForm : public AccountForm
{
    Q_OBJECT

public:
    // `user` is empty for oneself.
    PasswordForm(const QString& user, QWidget* parent);

Q_SIGNALS:
    void submitted(const headgate::native::PasswordWish& wish);

protected:
    QString whyNot() const override;
    void send() override;

private:
    QLineEdit* m_old = nullptr;
    QLineEdit* m_password = nullptr;
    QLineEdit* m_again = nullptr;
};

// A new personal token; then its secret, once.
class TokenForm : public AccountForm
{
    Q_OBJECT

public:
    // A token may do no more than `most`.
    TokenForm(AccountRole most, QWidget* parent);

    void showMade(const MadeToken& made);

    native::TokenWish wish() const;  // as it is typed

Q_SIGNALS:
    void submitted(const headgate::native::TokenWish& wish);

protected:
    QString whyNot() const override;
    void send() override;

private:
    QLineEdit* m_name = nullptr;
    QComboBox* m_role = nullptr;
    QComboBox* m_expiry = nullptr;
    bool m_isMade = false;
};

}  // namespace headgate
