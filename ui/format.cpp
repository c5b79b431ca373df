#include "ui/format.h"

#include "core/base/check.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <cmath>

namespace headgate::format {

namespace {

QString words(const char* source)
{
    return QCoreApplication::translate("format", source);
}

QLocale english()
{
    QLocale locale(QLocale::English, QLocale::UnitedStates);
    return locale;
}

QDateTime inZone(TimePoint at, const QTimeZone& zone)
{
    return QDateTime::fromMSecsSinceEpoch(toEpochMs(at), zone);
}

struct Scale
{
    double divisor;
    const char* unit;
};

Scale bitScale(double bitsPerSecond)
{
    if (bitsPerSecond >= 1e9)
        return {1e9, "Gbit/s"};
    if (bitsPerSecond >= 1e6 || bitsPerSecond == 0)
        return {1e6, "Mbit/s"};
    return {1e3, "kbit/s"};
}

}  // namespace

QString Figure::joined() const
{
    return unit.isEmpty() ? value : value + ' ' + unit;
}

QString unknown()
{
    return QString(QChar(0x2013));
}

QString text(const std::string& text)
{
    return QString::fromStdString(text);
}

std::string utf8(const QString& text)
{
    return text.toStdString();
}

QString count(std::int64_t value)
{
    return english().toString(static_cast<qlonglong>(value));
}

QString compactCount(std::int64_t value)
{
    const double magnitude = std::abs(static_cast<double>(value));
    if (magnitude < 1000)
        return count(value);
    if (magnitude < 1e6)
        return decimal(static_cast<double>(value) / 1e3) + "k";
    return decimal(static_cast<double>(value) / 1e6) + "M";
}

QString signedCount(std::int64_t value)
{
    return value > 0 ? "+" + count(value) : count(value);
}

// Three significant digits at most: 608, 61.2, 6.2, 0.31. One digit after the point is enough below 10 for a rate.
QString decimal(double value)
{
    if (!std::isfinite(value))
        return unknown();
    const double magnitude = std::abs(value);
    const int digits = magnitude >= 99.95 ? 0 : magnitude >= 0.95 || magnitude == 0 ? 1 : 2;
    if (magnitude < 0.005)
        return "0";
    return english().toString(value, 'f', digits);
}

QString percent(double value)
{
    if (!std::isfinite(value))
        return unknown();
    return words("%1 %").arg(value >= 9.95 || value == 0 ? english().toString(value, 'f', 0) : decimal(value));
}

QString ofCount(std::int64_t part, std::int64_t whole)
{
    return words("%1 of %2").arg(count(part), count(whole));
}

QString money(double value, const std::string& currency)
{
    if (!std::isfinite(value))
        return unknown();
    const double magnitude = std::abs(value);
    const int digits = magnitude >= 100 || magnitude == 0 ? 0 : magnitude >= 0.1 ? 2 : 3;
    const QString number = english().toString(value, 'f', digits);
    const QString sign = currency == "EUR"   ? QString(QChar(0x20ac))
                         : currency == "USD" ? QStringLiteral("$")
                         : currency == "GBP" ? QString(QChar(0xa3))
                                             : text(currency) + ' ';
    return sign + number;
}

Figure rate(std::int64_t bitsPerSecond)
{
    const Scale scale = bitScale(static_cast<double>(bitsPerSecond));
    return {decimal(static_cast<double>(bitsPerSecond) / scale.divisor), scale.unit};
}

QString megabits(std::int64_t bitsPerSecond)
{
    return decimal(static_cast<double>(bitsPerSecond) / 1e6);
}

QString bytes(std::int64_t value)
{
    const auto size = static_cast<double>(value);
    if (size < 1e6)
        return words("%1 kB").arg(decimal(size / 1e3));
    if (size < 1e9)
        return words("%1 MB").arg(decimal(size / 1e6));
    return words("%1 GB").arg(decimal(size / 1e9));
}

QString framesPerSecond(double value)
{
    if (value <= 0)
        return unknown();
    const double rounded = std::round(value);
    const bool isWhole = std::abs(value - rounded) < 0.015;
    return english().toString(value, 'f', isWhole ? 0 : 2);
}

QString duration(Duration value)
{
    const std::int64_t seconds = value.count() / 1000;
    if (seconds < 0)
        return unknown();
    if (seconds < 60)
        return words("%1 s").arg(seconds);
    const std::int64_t minutes = seconds / 60;
    if (minutes < 60)
        return words("%1 min").arg(minutes);
    const std::int64_t hours = minutes / 60;
    if (hours < 24)
        return words("%1 h %2 min").arg(hours).arg(minutes % 60, 2, 10, QChar('0'));
    return words("%1 d %2 h").arg(hours / 24).arg(hours % 24);
}

QString milliseconds(std::int64_t ms)
{
    if (ms < 0)
        return unknown();
    return ms < 1000 ? words("%1 ms").arg(ms) : words("%1 s").arg(decimal(static_cast<double>(ms) / 1000));
}

QString ageOf(Duration value)
{
    const std::int64_t ms = value.count();
    if (ms < 0)
        return words("%1 s").arg(0);
    if (ms < 9950)
        return words("%1 s").arg(english().toString(static_cast<double>(ms) / 1000, 'f', 1));
    return duration(value);
}

QTimeZone userZone()
{
    return QTimeZone::systemTimeZone();
}

QString zoneName(TimePoint at, const QTimeZone& zone)
{
    return zone.abbreviation(inZone(at, zone));
}

QString clock(TimePoint at, const QTimeZone& zone)
{
    return inZone(at, zone).toString("HH:mm") + ' ' + zoneName(at, zone);
}

QString clockSeconds(TimePoint at, const QTimeZone& zone)
{
    return timeOnly(at, zone) + ' ' + zoneName(at, zone);
}

QString timeOnly(TimePoint at, const QTimeZone& zone)
{
    return inZone(at, zone).toString("HH:mm:ss");
}

QString dateClock(TimePoint at, const QTimeZone& zone)
{
    return english().toString(inZone(at, zone), "ddd d MMM yyyy HH:mm:ss") + ' ' + zoneName(at, zone);
}

QString momentBy(TimePoint at, const std::string& who)
{
    const QString moment = dateClock(at);
    return who.empty() ? moment : QCoreApplication::translate("format", "%1 by %2").arg(moment, text(who));
}

StatusWord nodeState(const Node& node)
{
    switch (node.health) {
    case NodeHealth::Suspect:
        return {Status::Warning, words("Suspect")};
    case NodeHealth::Dead:
        return {Status::Critical, words("Dead")};
    case NodeHealth::Quarantined:
        return {Status::Warning, words("Quarantined")};
    case NodeHealth::Partitioned:
        return {Status::Warning, words("Partitioned")};
    case NodeHealth::Healthy:
        break;
    }
    switch (node.state) {
    case NodeState::Requested:
    case NodeState::Creating:
    case NodeState::Created:
        return {Status::Pending, words("Warming")};
    case NodeState::Started:
        // Where none stand by, it is in service a second later.
        return {Status::Pending, words("Standby")};
    case NodeState::InService:
        return {Status::Ok, words("Ready")};
    case NodeState::SoftSunset:
        return {Status::Draining, words("Draining")};
    case NodeState::HardSunset:
        return {Status::Draining, words("Sealed")};
    case NodeState::DestructionRequested:
    case NodeState::Destroying:
        return {Status::Off, words("Ending")};
    }
    unreachable();
}

StatusWord poolState(const PoolStatus& pool)
{
    if (pool.unwell > 0)
        return {pool.ready == 0 && pool.wanted > 0 ? Status::Critical : Status::Warning,
                words("%1 unwell").arg(pool.unwell)};
    if (pool.ready < pool.wanted)
        return {Status::Pending, words("Warming")};
    if (pool.wanted == 0 && pool.draining == 0)
        return {Status::Off, words("Off")};
    if (pool.draining > 0 && pool.ready <= pool.wanted)
        return {Status::Draining, words("Draining")};
    return {Status::Ok, words("Ready")};
}

int urgency(Status status)
{
    switch (status) {
    case Status::Critical:
        return 5;
    case Status::Warning:
        return 4;
    case Status::Pending:
        return 3;
    case Status::Draining:
        return 2;
    case Status::Ok:
    case Status::OnAir:
        return 1;
    case Status::Off:
        return 0;
    }
    unreachable();
}

StatusWord groupState(const NodeGroupStatus& group)
{
    StatusWord worst{Status::Off, words("Off")};
    for (const PoolStatus& pool : group.pools) {
        const StatusWord one = poolState(pool);
        if (urgency(one.status) > urgency(worst.status))
            worst = one;
    }
    const bool isWell = urgency(worst.status) < urgency(Status::Warning);
    return isWell && group.activity != GroupActivity::Active ? groupActivity(group) : worst;
}

StatusWord groupActivity(const NodeGroupStatus& group)
{
    switch (group.activity) {
    case GroupActivity::Active:
        return {Status::Ok, words("Active")};
    case GroupActivity::Activating:
        return {Status::Pending, words("Activating")};
    case GroupActivity::Deactivating:
        return {Status::Draining, words("Deactivating")};
    case GroupActivity::Inactive:
        return {Status::Off, words("Inactive")};
    }
    unreachable();
}

StatusWord deploymentState(DeploymentState value)
{
    switch (value) {
    case DeploymentState::Starting:
        return {Status::Pending, words("Starting")};
    case DeploymentState::Active:
        return {Status::Ok, words("Active")};
    case DeploymentState::Stopping:
        return {Status::Draining, words("Stopping")};
    case DeploymentState::Stopped:
        return {Status::Off, words("Stopped")};
    }
    unreachable();
}

StatusWord streamState(const StreamStatus& stream)
{
    if (stream.ingest.sinceLastFrameMs > 5000)
        return {Status::Critical, words("No signal")};
    if (stream.ingest.sinceLastFrameMs > 2000)
        return {Status::Warning, words("Stalled")};
    return {Status::OnAir, words("On air")};
}

StatusWord severity(Severity value)
{
    switch (value) {
    case Severity::Info:
        return {Status::Ok, words("Information")};
    case Severity::Warning:
        return {Status::Warning, words("Warning")};
    case Severity::Critical:
        return {Status::Critical, words("Critical")};
    }
    unreachable();
}

StatusWord linkState(const Link& link)
{
    const QString address = text(link.address);
    switch (link.state) {
    case LinkState::Connecting:
        return {Status::Pending, words("Connecting to %1").arg(address)};
    case LinkState::Connected:
        return {Status::Ok, words("Connected to %1").arg(address)};
    case LinkState::Lost:
        return {Status::Critical, words("Connection to %1 lost").arg(address)};
    case LinkState::SignedOut:
        return {Status::Warning, words("Signed out of %1").arg(address)};
    }
    unreachable();
}

QString capability(Capability value)
{
    switch (value) {
    case Capability::Publish:
        return words("Publish");
    case Capability::Subscribe:
        return words("Subscribe");
    case Capability::Transcode:
        return words("Transcode");
    case Capability::Mix:
        return words("Mix");
    case Capability::Other:
        return words("Other");
    }
    unreachable();
}

QString ingestFormat(const StreamReport& report)
{
    if (report.height == 0)
        return report.audioCodec.empty() ? words("no signal") : text(report.audioCodec);
    const QString rate = report.framesPerSecond > 0 ? QString::number(std::lround(report.framesPerSecond)) : QString();
    return QString("%1p%2 %3").arg(report.height).arg(rate, text(report.videoCodec)).trimmed();
}

namespace {

ErrorWords wordsOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return {words("A value is not accepted"), {}, words("Correct the marked field. Nothing was changed.")};
    case ErrorCode::NotFound:
        return {words("It does not exist any more"), {}, words("Go back to the list; it may have ended.")};
    case ErrorCode::AlreadyExists:
        return {words("The name is taken"), {}, words("Choose another name. Nothing was changed.")};
    case ErrorCode::VersionMismatch:
        return {words("Somebody else changed it"), {}, words("Look at the newer version, then apply again.")};
    case ErrorCode::Conflict:
        return {words("Its state does not allow this now"), {}, words("Wait or end what is in the way.")};
    case ErrorCode::Unauthenticated:
        return {words("You are signed out"), {}, words("Sign in again.")};
    case ErrorCode::PermissionDenied:
        return {words("Your role does not allow this"), {}, words("Ask an administrator for the right.")};
    case ErrorCode::ResourceExhausted:
        return {words("A limit is reached"), {}, words("Raise the limit or free capacity.")};
    case ErrorCode::Unavailable:
        return {words("Not reachable now"), {}, words("Try again in a moment.")};
    case ErrorCode::Unsupported:
        return {words("Not offered here"), {}, words("Choose another way; this build does not have it.")};
    case ErrorCode::Internal:
        return {words("A fault in Headgate"), {}, words("Copy the details and report it.")};
    }
    unreachable();
}

}  // namespace

ErrorWords error(const Error& error)
{
    ErrorWords result = wordsOf(error.code);
    result.sentence = text(error.message);
    if (!error.remedy.empty())
        result.nextStep = text(error.remedy);
    return result;
}

QString errorLine(const Error& value)
{
    const ErrorWords said = error(value);
    const QString first = said.sentence.isEmpty() ? said.title + '.' : said.sentence;
    return said.nextStep.isEmpty() ? first : first + ' ' + said.nextStep;
}

QString fileVersion()
{
    return QStringLiteral("Headgate " HEADGATE_VERSION);
}

}  // namespace headgate::format
