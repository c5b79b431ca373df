#include "ui/shell/settings.h"

#include <QUrl>

#include <algorithm>

namespace headgate {

namespace {

// Any name, slashes among it, as one key.
QString stageKey(const QString& cluster)
{
    return "stages/" + QString::fromLatin1(QUrl::toPercentEncoding(cluster));
}

QString authorityKey(const QString& url)
{
    return "authorities/" + QString::fromLatin1(QUrl::toPercentEncoding(url));
}

QString kindKey(const QString& url)
{
    return "kinds/" + QString::fromLatin1(QUrl::toPercentEncoding(url));
}

const QLatin1String streamManagerWord("stream-manager");

}  // namespace

Settings::Settings() : m_store(QSettings::IniFormat, QSettings::UserScope, "headgate", "headgate")
{}

Settings::Settings(const QString& filePath) : m_store(filePath, QSettings::IniFormat)
{}

ThemeChoice Settings::themeChoice() const
{
    const QString word = m_store.value("appearance/theme").toString();
    if (word == "light")
        return ThemeChoice::Light;
    return word == "dark" ? ThemeChoice::Dark : ThemeChoice::System;
}

void Settings::setThemeChoice(ThemeChoice choice)
{
    const char* word = choice == ThemeChoice::Light ? "light" : choice == ThemeChoice::Dark ? "dark" : "system";
    m_store.setValue("appearance/theme", word);
}

double Settings::textScale() const
{
    return std::clamp(m_store.value("appearance/text-scale", 1.0).toDouble(), 0.9, 1.5);
}

void Settings::setTextScale(double scale)
{
    m_store.setValue("appearance/text-scale", scale);
}

Contrast Settings::contrast() const
{
    return m_store.value("appearance/contrast").toString() == "increased" ? Contrast::Increased : Contrast::Normal;
}

void Settings::setContrast(Contrast contrast)
{
    m_store.setValue("appearance/contrast", contrast == Contrast::Increased ? "increased" : "normal");
}

QTimeZone Settings::deploymentZone() const
{
    const QTimeZone zone(m_store.value("deployment/zone").toByteArray());
    return zone.isValid() ? zone : QTimeZone::systemTimeZone();
}

void Settings::setDeploymentZone(const QTimeZone& zone)
{
    m_store.setValue("deployment/zone", zone.id());
}

std::vector<KnownConnection> Settings::connections() const
{
    std::vector<KnownConnection> all;
    for (const QString& line : m_store.value("connections/known").toStringList()) {
        const qsizetype tab = line.indexOf('\t');
        all.push_back({line.left(tab), tab < 0 ? QString() : line.mid(tab + 1)});
    }
    return all;
}

void Settings::rememberConnection(const KnownConnection& connection)
{
    forgetConnection(connection.url);
    QStringList lines = m_store.value("connections/known").toStringList();
    lines.prepend(connection.url + '\t' + connection.user);
    m_store.setValue("connections/known", lines);
}

void Settings::forgetConnection(const QString& url)
{
    QStringList lines = m_store.value("connections/known").toStringList();
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [&](const QString& line) { return line.section('\t', 0, 0) == url; }),
                lines.end());
    m_store.setValue("connections/known", lines);
}

QString Settings::authority(const QString& url) const
{
    return m_store.value(authorityKey(url)).toString();
}

void Settings::setAuthority(const QString& url, const QString& pem)
{
    m_store.setValue(authorityKey(url), pem);
}

ServerKind Settings::serverKind(const QString& url) const
{
    return m_store.value(kindKey(url)).toString() == streamManagerWord ? ServerKind::StreamManager
                                                                       : ServerKind::Headgate;
}

void Settings::setServerKind(const QString& url, ServerKind kind)
{
    if (kind == ServerKind::StreamManager)
        m_store.setValue(kindKey(url), streamManagerWord);
    else
        m_store.remove(kindKey(url));
}

QString Settings::localName() const
{
    return m_store.value("local/name").toString();
}

void Settings::setLocalName(const QString& name)
{
    m_store.setValue("local/name", name);
}

ClusterStage Settings::clusterStage(const QString& cluster) const
{
    const QString word = m_store.value(stageKey(cluster)).toString();
    if (word == "production")
        return ClusterStage::Production;
    return word == "staging" ? ClusterStage::Staging : ClusterStage::Lab;
}

void Settings::setClusterStage(const QString& cluster, ClusterStage stage)
{
    const char* word = stage == ClusterStage::Production ? "production"
                       : stage == ClusterStage::Staging  ? "staging"
                                                         : "lab";
    m_store.setValue(stageKey(cluster), word);
}

QByteArray Settings::splitterState(const QString& page) const
{
    return m_store.value("splitters/" + page).toByteArray();
}

void Settings::setSplitterState(const QString& page, const QByteArray& state)
{
    m_store.setValue("splitters/" + page, state);
}

QByteArray Settings::windowGeometry() const
{
    return m_store.value("window/geometry").toByteArray();
}

void Settings::setWindowGeometry(const QByteArray& geometry)
{
    m_store.setValue("window/geometry", geometry);
}

Duration Settings::chartRange(const QString& page) const
{
    return std::chrono::seconds(m_store.value("charts/" + page, 300).toInt());
}

void Settings::setChartRange(const QString& page, Duration range)
{
    m_store.setValue("charts/" + page,
                     static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(range).count()));
}

double Settings::pricePerGigabyte() const
{
    return m_store.value(QStringLiteral("usage/pricePerGigabyte"), 0.0).toDouble();
}

void Settings::setPricePerGigabyte(double price)
{
    m_store.setValue(QStringLiteral("usage/pricePerGigabyte"), price);
}

bool Settings::singleLetterShortcuts() const
{
    return m_store.value("shortcuts/single-letters", true).toBool();
}

void Settings::setSingleLetterShortcuts(bool enabled)
{
    m_store.setValue("shortcuts/single-letters", enabled);
}

}  // namespace headgate
