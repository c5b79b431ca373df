#pragma once

#include "core/base/result.h"

#include <QDialog>
#include <QString>

class QCheckBox;
class QLineEdit;
class QPushButton;

namespace headgate {

class Notice;
struct SecretStoreStatus;

struct SignInAnswer
{
    QString user;
    QString password;
    bool isRemembered = false;
};

// Asks for user and password of one control plane; stays open until the sign-in worked (accept()) or is given up.
class SignInDialog : public QDialog
{
    Q_OBJECT

public:
    // `keychain`: as SecretStore::probe() found it; the dialog says where a kept password goes.
    SignInDialog(const QString& address, const QString& user, const SecretStoreStatus& keychain,
                 QWidget* parent = nullptr);

    // The sign-in was refused; the dialog is open for another try.
    void showFailure(const Error& error);

Q_SIGNALS:
    void signInRequested(const headgate::SignInAnswer& answer);

private:
    void submit();
    void updateButton();

    QLineEdit* m_user = nullptr;
    QLineEdit* m_password = nullptr;
    QCheckBox* m_remember = nullptr;
    QPushButton* m_signIn = nullptr;
    Notice* m_failure = nullptr;
};

}  // namespace headgate
