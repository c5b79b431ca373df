#include "core/plane/secret_store.h"

#include <qt6keychain/keychain.h>

namespace headgate {

namespace {

constexpr const char* marker = "headgate-probe";

// The keychain library says "not found" for a locked keyring too; only a write tells the two apart.
SecretStoreStatus statusOf(QKeychain::Error error, const QString& reason)
{
    switch (error) {
    case QKeychain::NoError:
        return {SecretStoreState::Available, {}};
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return {SecretStoreState::Locked, reason};
    default:
        return {SecretStoreState::Unavailable, reason};
    }
}

}  // namespace

SecretStore::SecretStore(QString service, QObject* parent) : QObject(parent), m_service(std::move(service))
{}

void SecretStore::probe(std::function<void(SecretStoreStatus)> done)
{
    auto* job = new QKeychain::WritePasswordJob(m_service, this);
    job->setKey(marker);
    job->setTextData(QStringLiteral("x"));
    connect(job, &QKeychain::Job::finished, this, [this, done = std::move(done)](QKeychain::Job* finished) {
        if (finished->error() == QKeychain::NoError) {
            auto* removal = new QKeychain::DeletePasswordJob(m_service, this);
            removal->setKey(marker);
            removal->start();
        }
        done(statusOf(finished->error(), finished->errorString()));
    });
    job->start();
}

void SecretStore::write(const QString& key, const QString& secret,
                        std::function<void(SecretKept, SecretStoreStatus)> done)
{
    m_forThisRun.insert(key, secret);
    auto* job = new QKeychain::WritePasswordJob(m_service, this);
    job->setKey(key);
    job->setTextData(secret);
    connect(job, &QKeychain::Job::finished, this, [done = std::move(done)](QKeychain::Job* finished) {
        const bool isKept = finished->error() == QKeychain::NoError;
        done(isKept ? SecretKept::InKeychain : SecretKept::ForThisRun,
             statusOf(finished->error(), finished->errorString()));
    });
    job->start();
}

void SecretStore::read(const QString& key, std::function<void(QString)> done)
{
    if (const auto found = m_forThisRun.constFind(key); found != m_forThisRun.constEnd()) {
        done(*found);
        return;
    }
    auto* job = new QKeychain::ReadPasswordJob(m_service, this);
    job->setKey(key);
    connect(job, &QKeychain::Job::finished, this, [job, done = std::move(done)](QKeychain::Job* finished) {
        done(finished->error() == QKeychain::NoError ? job->textData() : QString());
    });
    job->start();
}

void SecretStore::forget(const QString& key)
{
    m_forThisRun.remove(key);
    auto* job = new QKeychain::DeletePasswordJob(m_service, this);
    job->setKey(key);
    job->start();
}

}  // namespace headgate
