#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/preview.h"

#include <QString>
#include <QTimeZone>

#include <span>
#include <vector>

// The plan in words, for bars, tooltips, the inspector and the editors.
namespace headgate::words {

// "4 – 12", "off".
QString bounds(const NodeBounds& value);

// "min 2 → 6", "max 8 → 12", "2 – 8 → off".
QString change(const NodeBounds& before, const NodeBounds& after);

// "12 – 60", "off", "11,400 viewers"; what a schedule does.
QString effect(const ScheduleEffect& effect);

// "floor 40", "+8", "+20 %", "ceiling 6", "off"; what an overlay does.
QString effect(const OverlayOperator& op);

// "Doors: floor 40"; the name, or the id where there is none.
QString title(const Schedule& schedule);
QString title(const Overlay& overlay);

// "eu-live, frankfurt, edge", "eu-live, all edge", "eu-live, everything".
QString scope(const PlanScope& scope);

// "overlay Cup final, priority 200", "schedule Weekdays", "the group's own rule".
QString source(const PlanSource& source);
// The same without its kind and priority: "Weekdays".
QString sourceName(const PlanSource& source);

// "min 6, max 24: overlay Cup final, priority 200, over Weekdays". `reasons` are in the order applied and lead into
// `sources`.
QString provenance(const NodeBounds& value, std::span<const int> reasons, std::span<const PlanSource> sources);

// "Sat 26 Jun 2027", "Sat 26 Jun".
QString day(Instant at, const QTimeZone& zone);
QString shortDay(Instant at, const QTimeZone& zone);
// "20:15"; with the seconds if there are any.
QString clock(Instant at, const QTimeZone& zone);
// "Sat 26 Jun 2027 20:15 CEST".
QString moment(Instant at, const QTimeZone& zone);
// "Sat 26 Jun 20:15 – 23:45 CEST"; the second day only if it is another one.
QString window(Instant start, Instant end, const QTimeZone& zone);
// "CEST", or "UTC+2" where a zone has no name for it.
QString zone(Instant at, const QTimeZone& zone);
// "Berlin" of "Europe/Berlin".
QString city(const QTimeZone& zone);

// What a cron expression means: "at 19:30 on Mon to Fri in June", "every 15 minutes on day 1".
QString cron(const CronExpression& expression);

// "every 2 weeks on Mon, Wed, 10 times".
QString recurrence(const RecurrenceRule& rule);

}  // namespace headgate::words
