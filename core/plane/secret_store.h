#pragma once

#include <QHash>
#include <QObject>
#include <QString>

#include <functional>

namespace headgate {

enum class SecretStoreState
{
    Available,
    Locked,
    Unavailable
};

struct SecretStoreStatus
{
    SecretStoreState state = SecretStoreState::Unavailable;
    QString reason;  // why it cannot be used, as the system tells it
};

enum class SecretKept
{
    InKeychain,
    ForThisRun  // in memory only, because the keychain cannot be used
};

// Passwords and tokens in the system's keychain. What cannot be kept there is kept until the program ends, never in
// a file. Answers come on the caller's thread.
class SecretStore : public QObject
{
public:
    explicit SecretStore(QString service, QObject* parent = nullptr);

    // Writes and removes a marker.
    void probe(std::function<void(SecretStoreStatus)> done);

    void write(const QString& key, const QString& secret, std::function<void(SecretKept, SecretStoreStatus)> done);

    // Empty if there is none.
    void read(const QString& key, std::function<void(QString)> done);
    void forget(const QString& key);

private:
    QString m_service;
    QHash<QString, QString> m_forThisRun;
};

}  // namespace headgate
