#pragma once

#include "ui/pages/first_run_page.h"
#include "ui/widgets/card.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace headgate {

class TextLabel;

// "Your cluster": what a local cluster is made of.
class LocalClusterForm : public Card
{
    Q_OBJECT

public:
    explicit LocalClusterForm(QWidget* parent = nullptr);
    LocalClusterChoice choice() const;
    bool isComplete() const;

Q_SIGNALS:
    void edited();

private:
    QLineEdit* m_name = nullptr;
    TextLabel* m_nameProblem = nullptr;
    QComboBox* m_region = nullptr;
    QSpinBox* m_origins = nullptr;
    QSpinBox* m_edges = nullptr;
    QCheckBox* m_testStream = nullptr;
};

// "Control plane": address and sign-in.
class ConnectForm : public Card
{
    Q_OBJECT

public:
    explicit ConnectForm(QWidget* parent = nullptr);
    ConnectionChoice choice() const;
    bool isComplete() const;

    // Where a kept password goes, in words.
    void setKeychain(const SecretStoreStatus& status);

Q_SIGNALS:
    void edited();

private:
    void checkUrl();
    void chooseAuthority();
    void readAuthority();

    QComboBox* m_kind = nullptr;
    TextLabel* m_kindNote = nullptr;
    QLineEdit* m_authority = nullptr;
    TextLabel* m_authorityProblem = nullptr;
    QString m_authorities;  // what the file holds
    QLineEdit* m_url = nullptr;
    TextLabel* m_urlProblem = nullptr;
    QLineEdit* m_user = nullptr;
    QLineEdit* m_password = nullptr;
    QCheckBox* m_remember = nullptr;
    TextLabel* m_keychain = nullptr;
};

// "Demo": what it starts; nothing to fill in.
class DemoCard : public Card
{
    Q_OBJECT

public:
    explicit DemoCard(QWidget* parent = nullptr);
};

}  // namespace headgate
