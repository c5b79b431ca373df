#include "ui/dialogs/sign_in_dialog.h"

#include "ui/format.h"
#include "ui/shell/keychain_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

SignInDialog::SignInDialog(const QString& address, const QString& user, const SecretStoreStatus& keychain,
                           QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Sign in"));
    setMinimumWidth(scaled(420));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(6);
    column->addWidget(new TextLabel(tr("Sign in to %1").arg(address), TextRole::Heading));
    m_failure = new Notice;
    m_failure->setObjectName(QStringLiteral("failure"));
    m_failure->hide();
    column->addWidget(m_failure);
    const auto addField = [column](const QString& label, const QString& name) {
        column->addSpacing(6);
        column->addWidget(new TextLabel(label, TextRole::SmallStrong, TextTone::Secondary));
        auto* field = new QLineEdit;
        field->setAccessibleName(label);
        field->setObjectName(name);
        column->addWidget(field);
        return field;
    };
    m_user = addField(tr("User"), QStringLiteral("user"));
    m_user->setText(user);
    m_password = addField(tr("Password"), QStringLiteral("password"));
    m_password->setEchoMode(QLineEdit::Password);
    column->addSpacing(6);
    m_remember = new QCheckBox(tr("Keep the password"));
    column->addWidget(m_remember);
    auto* kept = new TextLabel(whereKept(keychain), TextRole::Caption, TextTone::Tertiary);
    kept->setObjectName(QStringLiteral("whereKept"));
    kept->setToolTip(keychain.reason);
    kept->setWordWrap(true);
    column->addWidget(kept);
    column->addSpacing(10);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* cancel = makeButton(tr("Cancel"), ButtonKind::Ghost);
    cancel->setAutoDefault(false);
    m_signIn = makeButton(tr("Sign in"), ButtonKind::Primary);
    m_signIn->setObjectName(QStringLiteral("signIn"));
    m_signIn->setDefault(true);
    row->addStretch();
    row->addWidget(cancel);
    row->addWidget(m_signIn);
    column->addLayout(row);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_signIn, &QPushButton::clicked, this, &SignInDialog::submit);
    connect(m_user, &QLineEdit::textChanged, this, &SignInDialog::updateButton);
    connect(m_password, &QLineEdit::textChanged, this, &SignInDialog::updateButton);
    updateButton();
    (user.isEmpty() ? m_user : m_password)->setFocus();
}

void SignInDialog::showFailure(const Error& error)
{
    const format::ErrorWords words = format::error(error);
    const bool isRefused = error.code == ErrorCode::Unauthenticated;
    m_failure->setContent(Status::Critical, isRefused ? tr("The sign-in was refused") : words.title,
                          format::errorLine(error));
    m_failure->show();
    m_signIn->setText(tr("Sign in"));
    updateButton();
    m_password->selectAll();
    m_password->setFocus();
}

void SignInDialog::submit()
{
    m_failure->hide();
    m_signIn->setEnabled(false);
    m_signIn->setText(tr("Signing in"));
    Q_EMIT signInRequested({m_user->text().trimmed(), m_password->text(), m_remember->isChecked()});
}

void SignInDialog::updateButton()
{
    m_signIn->setEnabled(!m_user->text().trimmed().isEmpty() && !m_password->text().isEmpty());
}

}  // namespace headgate
