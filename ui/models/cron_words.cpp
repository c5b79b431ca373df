#include "ui/format.h"
#include "ui/models/plan_words.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <QStringList>

namespace headgate::words {

namespace {

QString tr(const char* source)
{
    return QCoreApplication::translate("headgate::CronWords", source);
}

bool isNumber(const QString& text)
{
    bool isOk = false;
    text.toInt(&isOk);
    return isOk;
}

// "2" and "MON" are Monday, as Quartz counts.
QString weekdayName(const QString& word)
{
    static const QStringList names = {QStringLiteral("SUN"), QStringLiteral("MON"), QStringLiteral("TUE"),
                                      QStringLiteral("WED"), QStringLiteral("THU"), QStringLiteral("FRI"),
                                      QStringLiteral("SAT")};
    const auto index = isNumber(word) ? word.toInt() - 1 : names.indexOf(word);
    if (index < 0 || index > 6)
        return word;
    return QLocale(QLocale::English).dayName(index == 0 ? 7 : static_cast<int>(index), QLocale::ShortFormat);
}

QString monthName(const QString& word)
{
    static const QStringList names = {QStringLiteral("JAN"), QStringLiteral("FEB"), QStringLiteral("MAR"),
                                      QStringLiteral("APR"), QStringLiteral("MAY"), QStringLiteral("JUN"),
                                      QStringLiteral("JUL"), QStringLiteral("AUG"), QStringLiteral("SEP"),
                                      QStringLiteral("OCT"), QStringLiteral("NOV"), QStringLiteral("DEC")};
    const auto month = isNumber(word) ? word.toInt() : static_cast<int>(names.indexOf(word)) + 1;
    return month < 1 || month > 12 ? word : QLocale(QLocale::English).monthName(month, QLocale::ShortFormat);
}

// Lists and ranges with each value named by `name`; a step stays as it is.
template <class Name>
QString named(const QString& field, Name name)
{
    QStringList parts;
    const QStringList words = field.split(QLatin1Char(','));
    for (const QString& word : words) {
        const QString range = word.section(QLatin1Char('/'), 0, 0), step = word.section(QLatin1Char('/'), 1, 1);
        const QStringList ends = range.split(QLatin1Char('-'));
        QString text = ends.size() == 2 ? tr("%1 to %2").arg(name(ends[0]), name(ends[1])) : name(range);
        if (!step.isEmpty())
            text = tr("%1 and each %2 on").arg(range == QLatin1String("*") ? name(QStringLiteral("1")) : text, step);
        parts << text;
    }
    return parts.join(QStringLiteral(", "));
}

QString clockPart(const QString& minutes, const QString& hours)
{
    const QStringList all = hours.split(QLatin1Char(','));
    const bool isPlainHours = std::all_of(all.begin(), all.end(), isNumber);
    if (isNumber(minutes) && isPlainHours) {
        QStringList times;
        for (const QString& hour : all)
            times << QStringLiteral("%1:%2").arg(hour, 2, QLatin1Char('0')).arg(minutes, 2, QLatin1Char('0'));
        return tr("at %1").arg(times.join(QStringLiteral(", ")));
    }
    const auto plain = [](const QString& word) { return word; };
    const QString every = minutes.section(QLatin1Char('/'), 1, 1);
    const QString start = minutes.section(QLatin1Char('/'), 0, 0);
    const QString inHours = hours == QLatin1String("*") ? QString() : tr(" in hours %1").arg(named(hours, plain));
    if (minutes == QLatin1String("*"))
        return tr("every minute") + inHours;
    if (!every.isEmpty() && (start == QLatin1String("*") || start == QLatin1String("0")))
        return tr("every %1 minutes").arg(every) + inHours;
    return tr("at minute %1 of each hour").arg(named(minutes, plain)) + inHours;
}

QString ordinalWords(const QString& number)
{
    static const char* const words[] = {
        QT_TRANSLATE_NOOP("headgate::CronWords", "first"), QT_TRANSLATE_NOOP("headgate::CronWords", "second"),
        QT_TRANSLATE_NOOP("headgate::CronWords", "third"), QT_TRANSLATE_NOOP("headgate::CronWords", "fourth"),
        QT_TRANSLATE_NOOP("headgate::CronWords", "fifth")};
    const int index = number.toInt();
    return index >= 1 && index <= 5 ? tr(words[index - 1]) : number;
}

QString weekdayWords(const QString& word)
{
    if (word.contains(QLatin1Char('#')))
        return tr("the %1 %2")
            .arg(ordinalWords(word.section(QLatin1Char('#'), 1, 1)), weekdayName(word.section(QLatin1Char('#'), 0, 0)));
    if (word.size() > 1 && word.endsWith(QLatin1Char('L')))
        return tr("the last %1").arg(weekdayName(word.chopped(1)));
    return word == QLatin1String("L") ? weekdayName(QStringLiteral("7")) : weekdayName(word);
}

QString monthDayWords(const QString& word)
{
    if (word == QLatin1String("L"))
        return tr("the last day");
    if (word == QLatin1String("LW"))
        return tr("the last weekday");
    if (word.endsWith(QLatin1Char('W')))
        return tr("the weekday nearest to day %1").arg(word.chopped(1));
    return tr("day %1").arg(word);
}

QString dayPart(const QString& dayOfMonth, const QString& dayOfWeek)
{
    const bool isByWeekday = dayOfMonth == QLatin1String("?");
    const QString& field = isByWeekday ? dayOfWeek : dayOfMonth;
    if (field == QLatin1String("*"))
        return tr("every day");
    if (!isByWeekday && field.startsWith(QLatin1String("L-")))
        return tr("on the day %1 before the last").arg(field.mid(2));
    return tr("on %1").arg(isByWeekday ? named(field, weekdayWords) : named(field, monthDayWords));
}

}  // namespace

QString cron(const CronExpression& expression)
{
    static const QRegularExpression blank(QStringLiteral("\\s+"));
    const QStringList fields = format::text(expression.text()).trimmed().toUpper().split(blank);
    if (fields.size() < 6)
        return {};
    QStringList parts = {clockPart(fields[1], fields[2]), dayPart(fields[3], fields[5])};
    if (fields[4] != QLatin1String("*"))
        parts << tr("in %1").arg(named(fields[4], monthName));
    if (fields.size() > 6 && fields[6] != QLatin1String("*"))
        parts << tr("of %1").arg(named(fields[6], [](const QString& word) { return word; }));
    return parts.join(QLatin1Char(' '));
}

}  // namespace headgate::words
