#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/audit.h"
#include "core/domain/command.h"
#include "core/domain/node.h"
#include "core/domain/node_group.h"
#include "core/domain/snapshot.h"
#include "core/plane/control_plane.h"
#include "ui/shell/tokens.h"

#include <QString>
#include <QTimeZone>

#include <cstdint>
#include <optional>
#include <string>

// The only place that turns numbers, times, states and error codes into words.
namespace headgate::format {

// A number and its unit, to be set in two sizes.
struct Figure
{
    QString value;
    QString unit;
    QString joined() const;
    bool operator==(const Figure&) const = default;
};

// A condition and its one word.
struct StatusWord
{
    Status status = Status::Off;
    QString word;
    bool operator==(const StatusWord&) const = default;
};

// What happened, and what to do next.
struct ErrorWords
{
    QString title;     // "Not reachable now"
    QString sentence;  // what happened and why
    QString nextStep;
};

QString unknown();                      // "–"
QString text(const std::string& text);  // UTF-8
std::string utf8(const QString& text);

QString count(std::int64_t value);                       // "184,230"
QString compactCount(std::int64_t value);                // "61.2k", "950"
QString signedCount(std::int64_t value);                 // "+3,120"
QString decimal(double value);                           // at most 3 significant digits, "6.2", "608"
QString percent(double value);                           // "91 %"
QString ofCount(std::int64_t part, std::int64_t whole);  // "44 of 48"
Figure rate(std::int64_t bitsPerSecond);                 // {"6.2", "Mbit/s"}; from 1 Gbit/s on in Gbit/s
QString megabits(std::int64_t bitsPerSecond);            // "6.2", for columns whose header says Mbit/s
QString bytes(std::int64_t value);                       // "412 MB"
QString framesPerSecond(double value);                   // "29.97"

QString money(double value, const std::string& currency);  // "€412", "CHF 0.35"

QString duration(Duration value);       // "48 s", "41 min", "1 h 12 min", "3 d 4 h"
QString milliseconds(std::int64_t ms);  // "40 ms", "1.9 s"
QString ageOf(Duration value);          // "0.4 s", "48 s", "3 min"

QTimeZone userZone();
QString clock(TimePoint at, const QTimeZone& zone = userZone());         // "20:42 CEST"
QString clockSeconds(TimePoint at, const QTimeZone& zone = userZone());  // "20:42:18 CEST"
QString timeOnly(TimePoint at, const QTimeZone& zone = userZone());   // "20:42:18", where the zone stands in a header
QString dateClock(TimePoint at, const QTimeZone& zone = userZone());  // "Sat 26 Jun 2027 20:42:18 CEST"
QString momentBy(TimePoint at,
                 const std::string& who);  // "Sat 26 Jun 2027 20:42:18 CEST by ann"; without a name no "by"
QString zoneName(TimePoint at, const QTimeZone& zone = userZone());  // "CEST"

StatusWord nodeState(const Node& node);
// 0 to 5: off, healthy, draining, warming, warning, critical.
int urgency(Status status);
StatusWord groupState(const NodeGroupStatus& group);
StatusWord poolState(const PoolStatus& pool);
StatusWord streamState(const StreamStatus& stream);
StatusWord groupActivity(const NodeGroupStatus& group);  // what it does to be what its plan says
StatusWord deploymentState(DeploymentState value);
StatusWord severity(Severity value);
StatusWord linkState(const Link& link);

QString capability(Capability value);
QString ingestFormat(const StreamReport& report);  // "1080p50 H.264", "no signal"

ErrorWords error(const Error& error);
QString errorLine(const Error& error);  // sentence and next step in one line

QString fileVersion();  // "Headgate 0.1.0"

}  // namespace headgate::format
