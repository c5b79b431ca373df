#include "ui/pages/chart_range.h"

#include "ui/shell/settings.h"
#include "ui/widgets/segmented.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace headgate {

namespace {

constexpr std::array<Duration, 4> ranges = {std::chrono::minutes(5), std::chrono::minutes(15), std::chrono::hours(1),
                                            std::chrono::hours(24)};

QString words(const char* text)
{
    return QCoreApplication::translate("headgate::ChartRange", text);
}

}  // namespace

Segmented* makeRangeChoice(Settings& settings, const QString& page)
{
    auto* choice = new Segmented({words(QT_TRANSLATE_NOOP("headgate::ChartRange", "5 min")),
                                  words(QT_TRANSLATE_NOOP("headgate::ChartRange", "15 min")),
                                  words(QT_TRANSLATE_NOOP("headgate::ChartRange", "1 h")),
                                  words(QT_TRANSLATE_NOOP("headgate::ChartRange", "24 h"))},
                                 words(QT_TRANSLATE_NOOP("headgate::ChartRange", "Range of the charts")));
    choice->setObjectName(QStringLiteral("range"));
    const auto known = std::find(ranges.begin(), ranges.end(), settings.chartRange(page));
    choice->setCurrentIndex(known == ranges.end() ? 0 : static_cast<int>(known - ranges.begin()));
    QObject::connect(choice, &Segmented::currentChanged, choice,
                     [choice, page, &settings] { settings.setChartRange(page, chosenRange(*choice)); });
    return choice;
}

Duration chosenRange(const Segmented& choice)
{
    return ranges[static_cast<std::size_t>(std::max(0, choice.currentIndex()))];
}

}  // namespace headgate
