#include "ui/models/plan_words.h"

#include "core/plan/recurrence.h"
#include "ui/format.h"

#include <QCoreApplication>
#include <QLocale>

namespace headgate::words {

namespace {

constexpr std::size_t mostReasons = 4;

QString tr(const char* source)
{
    return QCoreApplication::translate("headgate::PlanWords", source);
}

QDateTime inZone(Instant at, const QTimeZone& zone)
{
    return QDateTime::fromSecsSinceEpoch(at.time_since_epoch().count(), zone);
}

QString dated(Instant at, const QTimeZone& zone, const char* pattern)
{
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(inZone(at, zone), QLatin1String(pattern));
}

QString range(std::optional<int> min, std::optional<int> max)
{
    if (min && max)
        return tr("%1 – %2").arg(format::count(*min), format::count(*max));
    if (min)
        return tr("min %1").arg(format::count(*min));
    return max ? tr("max %1").arg(format::count(*max)) : tr("on");
}

QString expected(const ExpectedEffect& effect)
{
    return tr("%1 viewers").arg(format::count(effect.viewers));
}

QString shift(const ShiftBounds& by)
{
    if (by.percent == 0)
        return format::signedCount(by.nodes);
    const QString percent = tr("%1 %").arg(format::signedCount(by.percent));
    return by.nodes == 0 ? percent : format::signedCount(by.nodes) + QStringLiteral(", ") + percent;
}

QString titled(const std::string& name, const std::string& id, const QString& what)
{
    return tr("%1: %2").arg(format::text(name.empty() ? id : name), what);
}

template <class... Cases>
struct Overloaded : Cases...
{
    using Cases::operator()...;
};

}  // namespace

QString bounds(const NodeBounds& value)
{
    return value.isActive ? range(value.min, value.max) : tr("off");
}

QString change(const NodeBounds& before, const NodeBounds& after)
{
    const bool isOn = before.isActive && after.isActive;
    if (isOn && before.max == after.max)
        return tr("min %1 → %2").arg(format::count(before.min), format::count(after.min));
    if (isOn && before.min == after.min)
        return tr("max %1 → %2").arg(format::count(before.max), format::count(after.max));
    return tr("%1 → %2").arg(bounds(before), bounds(after));
}

QString effect(const ScheduleEffect& effect)
{
    return std::visit(Overloaded{[](const ActiveEffect& active) { return range(active.min, active.max); },
                                 [](const InactiveEffect&) { return tr("off"); },
                                 [](const ExpectedEffect& viewers) { return expected(viewers); }},
                      effect);
}

QString effect(const OverlayOperator& op)
{
    return std::visit(Overloaded{[](const ReplaceBounds& to) { return range(to.min, to.max); },
                                 [](const Activate& to) { return range(to.min, to.max); },
                                 [](const ShiftBounds& by) { return shift(by); },
                                 [](const FloorBounds& at) { return tr("floor %1").arg(format::count(at.nodes)); },
                                 [](const ExpectedEffect& viewers) { return expected(viewers); },
                                 [](const CeilBounds& at) { return tr("ceiling %1").arg(format::count(at.nodes)); },
                                 [](const Deactivate& off) { return off.isHard ? tr("off, no pre-warm") : tr("off"); }},
                      op);
}

QString title(const Schedule& schedule)
{
    return titled(schedule.name, schedule.id, effect(schedule.effect));
}

QString title(const Overlay& overlay)
{
    return titled(overlay.name, overlay.id, effect(overlay.op));
}

QString scope(const PlanScope& scope)
{
    QStringList parts = {format::text(scope.nodeGroup.value)};
    if (!scope.subgroup.empty())
        parts << format::text(scope.subgroup);
    if (!scope.role.empty())
        parts << (scope.subgroup.empty() ? tr("every %1").arg(format::text(scope.role)) : format::text(scope.role));
    if (parts.size() == 1)
        parts << tr("everything");
    return parts.join(QStringLiteral(", "));
}

QString sourceName(const PlanSource& source)
{
    if (source.kind == SourceKind::Outside)
        return tr("no schedule");
    return format::text(source.name.empty() ? source.id : source.name);
}

QString source(const PlanSource& source)
{
    switch (source.kind) {
    case SourceKind::Outside:
        return tr("outside of its schedules");
    case SourceKind::Configuration:
        return tr("rule of %1").arg(sourceName(source));
    case SourceKind::Schedule:
        return tr("schedule %1").arg(sourceName(source));
    case SourceKind::Overlay:
        return tr("overlay %1, priority %2").arg(sourceName(source)).arg(source.priority);
    case SourceKind::Limit:
        return tr("limit %1").arg(sourceName(source));
    }
    return {};
}

QString provenance(const NodeBounds& value, std::span<const int> reasons, std::span<const PlanSource> sources)
{
    const QString result =
        value.isActive ? tr("min %1, max %2").arg(format::count(value.min), format::count(value.max)) : tr("off");
    QStringList parts;
    for (std::size_t i = reasons.size(); i > 0 && parts.size() < static_cast<qsizetype>(mostReasons); --i) {
        const PlanSource& each = sources[static_cast<std::size_t>(reasons[i - 1])];
        parts << (parts.isEmpty() ? source(each) : tr("over %1").arg(sourceName(each)));
    }
    return parts.isEmpty() ? result : tr("%1: %2").arg(result, parts.join(QStringLiteral(", ")));
}

QString day(Instant at, const QTimeZone& zone)
{
    return dated(at, zone, "ddd d MMM yyyy");
}

QString shortDay(Instant at, const QTimeZone& zone)
{
    return dated(at, zone, "ddd d MMM");
}

QString clock(Instant at, const QTimeZone& zone)
{
    return dated(at, zone, at.time_since_epoch().count() % 60 == 0 ? "HH:mm" : "HH:mm:ss");
}

QString moment(Instant at, const QTimeZone& zone)
{
    return QStringLiteral("%1 %2 %3").arg(day(at, zone), clock(at, zone), words::zone(at, zone));
}

QString window(Instant start, Instant end, const QTimeZone& zone)
{
    const bool isOneDay = inZone(start, zone).date() == inZone(end, zone).date();
    const QString last = isOneDay ? clock(end, zone) : shortDay(end, zone) + QLatin1Char(' ') + clock(end, zone);
    return QStringLiteral("%1 %2 – %3 %4").arg(shortDay(start, zone), clock(start, zone), last, words::zone(end, zone));
}

QString zone(Instant at, const QTimeZone& zone)
{
    return zone.abbreviation(inZone(at, zone));
}

QString city(const QTimeZone& zone)
{
    return QString::fromLatin1(zone.id()).section(QLatin1Char('/'), -1).replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString recurrence(const RecurrenceRule& rule)
{
    const auto every = [&](const char* one, const char* many) {
        return rule.interval == 1 ? tr(one) : tr(many).arg(rule.interval);
    };
    QString text;
    switch (rule.frequency) {
    case Frequency::Daily:
        text = every(QT_TRANSLATE_NOOP("headgate::PlanWords", "every day"),
                     QT_TRANSLATE_NOOP("headgate::PlanWords", "every %1 days"));
        break;
    case Frequency::Weekly:
        text = every(QT_TRANSLATE_NOOP("headgate::PlanWords", "every week"),
                     QT_TRANSLATE_NOOP("headgate::PlanWords", "every %1 weeks"));
        break;
    case Frequency::Monthly:
        text = every(QT_TRANSLATE_NOOP("headgate::PlanWords", "every month"),
                     QT_TRANSLATE_NOOP("headgate::PlanWords", "every %1 months"));
        break;
    case Frequency::Yearly:
        text = every(QT_TRANSLATE_NOOP("headgate::PlanWords", "every year"),
                     QT_TRANSLATE_NOOP("headgate::PlanWords", "every %1 years"));
        break;
    }
    QStringList days;
    const QLocale english(QLocale::English);
    for (const NthWeekday& each : rule.byDay) {
        const QString name = english.dayName(static_cast<int>(each.day.iso_encoding()), QLocale::ShortFormat);
        days << (each.ordinal == 0    ? name
                 : each.ordinal == -1 ? tr("the last %1").arg(name)
                                      : tr("%1 number %2").arg(name).arg(each.ordinal));
    }
    for (const int each : rule.byMonthDay)
        days << (each == -1 ? tr("the last day") : tr("day %1").arg(each));
    if (!days.isEmpty())
        text = tr("%1 on %2").arg(text, days.join(QStringLiteral(", ")));
    if (rule.count)
        text = tr("%1, %2 times").arg(text).arg(*rule.count);
    return text;
}

}  // namespace headgate::words
