#include "core/base/random.h"
#include "core/plane/zone_files.h"
#include "tests/bench/options.h"
#include "tests/support/plans.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/timeline_view.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QScrollBar>
#include <QTemporaryDir>

#include <algorithm>
#include <chrono>
#include <cstdio>

// What painting the timeline of 20 schedules and 10,000 overlays costs while it is scrolled: 1440 by 900 pixels, drawn
// by software into a picture, through day, week and year and down the rows. The first picture of each scale, which is
// when rows are made ready for it, is told apart.

using namespace headgate;
using Clock = std::chrono::steady_clock;

namespace {

constexpr const char* usage = "timeline_limit [-n OVERLAYS] [-s STEPS] [PICTURE]\n";
constexpr double limitMs = 16;
const Instant firstDay = headgate::testing::utc("2026-01-01T00:00");
constexpr std::chrono::days year{365};

StoredPlan largePlan(int overlays)
{
    Random random(1);
    StoredPlan plan;
    for (int i = 0; i < 20; ++i) {
        Schedule schedule =
            headgate::testing::dailySchedule("s" + std::to_string(i), "10:00", 4, ActiveEffect{i % 5, i % 5 + 6});
        auto& timing = std::get<CalendarTiming>(schedule.timing);
        timing.zone = i % 2 ? "Europe/Berlin" : "America/New_York";
        timing.start += std::chrono::minutes(37 * i);
        plan.items.push_back({schedule, 1, {}, {}, {}});
    }
    for (int i = 0; i < overlays; ++i) {
        Overlay made;
        made.id = "o" + std::to_string(i);
        made.name = "Overlay " + std::to_string(i);
        made.scope = headgate::testing::scope(i % 3 ? "" : "berlin", i % 2 ? "edge" : "");
        made.from = firstDay + seconds(random.below(365 * 86'400));
        made.to = made.from + seconds(600 + random.below(4 * 3600));
        made.priority = static_cast<int>(100 * random.below(5));
        made.op = i % 4 == 0 ? OverlayOperator(FloorBounds{i % 9}) : OverlayOperator(ShiftBounds{1, 0});
        plan.items.push_back({made, 1, {}, {}, {}});
    }
    return plan;
}

std::shared_ptr<const Snapshot> snapshotOf(const NodeGroup& group)
{
    Snapshot snapshot;
    snapshot.takenAt = std::chrono::time_point_cast<Duration>(firstDay + year / 2);
    NodeGroupStatus status;
    status.group = group;
    snapshot.nodeGroups = {status};
    return std::make_shared<const Snapshot>(snapshot);
}

double msSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double paint(TimelineView& view, QImage& target)
{
    const auto start = Clock::now();
    QPainter painter(&target);
    view.render(&painter);
    painter.end();
    return msSince(start);
}

void report(const char* what, std::vector<double> times)
{
    std::ranges::sort(times);
    const double half = times[times.size() / 2], most = times[times.size() * 99 / 100];
    std::printf("%-10s %4zu steps: p50 %.2f ms, p99 %.2f ms (%.2f of the limit of %.0f ms)\n", what, times.size(), half,
                most, most / limitMs, limitMs);
}

}  // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    const bench::Options options(argc, argv, {{'n', "10000"}, {'s', "600"}}, usage);
    const int overlays = options.integer('n'), steps = std::max(6, options.integer('s'));
    QTemporaryDir folder;
    Settings settings(folder.filePath(QStringLiteral("settings.ini")));
    const Theme theme(application, settings);
    SceneQuestion question;
    question.plan = std::make_shared<const StoredPlan>(largePlan(overlays));
    question.snapshot = snapshotOf(headgate::testing::plannedGroup());
    question.from = firstDay;
    question.to = firstDay + year;
    question.zones = remembering(loadZoneFile);
    const auto start = Clock::now();
    const TimelineScenePtr scene = makeScene(question);
    std::size_t bars = 0, segments = 0;
    for (const TimelineRow& row : scene->rows) {
        bars += row.overlays.all().size() + row.schedules.all().size();
        segments += row.segments.size();
    }
    std::printf("timeline of 20 schedules and %d overlays: %zu rows, %zu bars, %zu segments, made in %.0f ms\n",
                overlays, scene->rows.size(), bars, segments, msSince(start));

    TimelineView view;
    view.resize(1440, 900);
    view.setZones({QTimeZone("Europe/Berlin"), loadZoneFile("Europe/Berlin").value()},
                  {QTimeZone("America/New_York"), loadZoneFile("America/New_York").value()});
    view.setNow(firstDay + year / 2);
    view.setScene(scene);
    view.show();
    QApplication::processEvents();
    QImage target(1440, 900, QImage::Format_ARGB32_Premultiplied);
    std::vector<double> all;
    const std::pair<const char*, std::chrono::hours> spans[] = {
        {"day", std::chrono::hours(24)}, {"week", std::chrono::hours(168)}, {"year", std::chrono::hours(24 * 360)}};
    for (const auto& [name, span] : spans) {
        view.showInstant(firstDay + year / 2);
        view.showSpan(span);
        const double first = paint(view, target);
        std::vector<double> times;
        for (int i = 0; i < steps / 3; ++i) {
            if (i % 10 == 9)
                view.verticalScrollBar()->setValue((i / 10) * 40 % std::max(1, view.verticalScrollBar()->maximum()));
            view.setAxis(view.axis().moved(i < steps / 6 ? 17 : -17));
            times.push_back(paint(view, target));
        }
        all.insert(all.end(), times.begin(), times.end());
        report(name, times);
        std::printf("%-10s first picture: %.2f ms\n", name, first);
    }
    report("all", all);
    if (!options.words.empty())
        target.save(QString::fromStdString(options.words.front()));
    return 0;
}
