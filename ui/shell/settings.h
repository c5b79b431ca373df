#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "ui/shell/theme.h"

#include <QByteArray>
#include <QObject>
#include <QSettings>
#include <QString>
#include <QTimeZone>

#include <vector>

namespace headgate {

// How careful one has to be with a cluster.
enum class ClusterStage
{
    Lab,
    Staging,
    Production
};

// Which interface a server has.
enum class ServerKind
{
    Headgate,
    StreamManager  // 2.0
};

// A control plane this console knows. The password or token is in the SecretStore under `url` and `user`.
struct KnownConnection
{
    QString url;
    QString user;
    bool operator==(const KnownConnection&) const = default;
};

// What the console remembers between two runs, except secrets.
class Settings : public QObject
{
    Q_OBJECT

public:
    // Of the user (an INI file in the configuration folder), or of one file for tests.
    Settings();
    explicit Settings(const QString& filePath);

    ThemeChoice themeChoice() const;
    void setThemeChoice(ThemeChoice choice);
    double textScale() const;
    void setTextScale(double scale);
    Contrast contrast() const;
    void setContrast(Contrast contrast);

    // Zone of the deployment; the user's own until one is set.
    QTimeZone deploymentZone() const;
    void setDeploymentZone(const QTimeZone& zone);

    std::vector<KnownConnection> connections() const;
    void rememberConnection(const KnownConnection& connection);
    void forgetConnection(const QString& url);
    // Who must have signed the certificate of an https server, in PEM; empty: an authority of the system.
    QString authority(const QString& url) const;
    void setAuthority(const QString& url, const QString& pem);
    // Headgate until one is set.
    ServerKind serverKind(const QString& url) const;
    void setServerKind(const QString& url, ServerKind kind);

    QString localName() const;  // of the cluster on this machine; empty before the first
    void setLocalName(const QString& name);

    // By the name of the cluster; Lab until one is set.
    ClusterStage clusterStage(const QString& cluster) const;
    void setClusterStage(const QString& cluster, ClusterStage stage);

    QByteArray splitterState(const QString& page) const;
    void setSplitterState(const QString& page, const QByteArray& state);
    QByteArray windowGeometry() const;
    void setWindowGeometry(const QByteArray& geometry);

    Duration chartRange(const QString& page) const;  // 5 minutes until one is set
    void setChartRange(const QString& page, Duration range);

    // Of a gigabyte that is delivered, in the currency of each deployment; 0 until one is set.
    double pricePerGigabyte() const;
    void setPricePerGigabyte(double price);

    bool singleLetterShortcuts() const;
    void setSingleLetterShortcuts(bool enabled);

private:
    QSettings m_store;
};

}  // namespace headgate
