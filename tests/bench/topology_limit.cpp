#include "tests/bench/options.h"
#include "tests/support/relayed_cluster.h"
#include "ui/models/topology_rows.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/topology_view.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QScrollBar>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <ctime>

// What the topology costs with every snapshot and with every picture: 1440 by 900 pixels, drawn by software into an
// image while it is scrolled. Every stream is on every node, which is more than will ever be.

using namespace headgate;

namespace {

constexpr const char* usage = "topology_limit [-n EDGES_PER_REGION] [-s STREAMS] [-r ROUNDS] [PICTURE]\n";

// Time of the processor, so that other programs on the machine do not count.
double cpuMs()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

void report(const char* what, std::vector<double> times)
{
    std::ranges::sort(times);
    std::printf("%-9s p50 %.2f ms, p99 %.2f ms\n", what, times[times.size() / 2], times[times.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    const bench::Options options(argc, argv, {{'n', "199"}, {'s', "200"}, {'r', "100"}}, usage);
    QTemporaryDir folder;
    Settings settings(folder.filePath(QStringLiteral("settings.ini")));
    const Theme theme(application, settings);
    const SnapshotPtr snapshot =
        test::relayedCluster({{"eu-central-1", "eu-west-2", "us-east-1", "us-west-2", "ap-southeast-1"},
                              options.integer('n'),
                              options.integer('s')});
    TopologyView view;
    view.resize(1440, 900);
    view.show();
    std::vector<double> making, tabling, painting;
    QImage target(1440, 900, QImage::Format_ARGB32_Premultiplied);
    for (int i = 0; i < options.integer('r'); ++i) {
        double start = cpuMs();
        Topology topology = topologyOf(*snapshot);
        making.push_back(cpuMs() - start);
        start = cpuMs();
        const std::vector<TableRow> rows = rows::topology(topology);
        tabling.push_back(cpuMs() - start);
        view.setTopology(std::move(topology));
        view.verticalScrollBar()->setValue(i * 50 % std::max(1, view.verticalScrollBar()->maximum()));
        start = cpuMs();
        QPainter painter(&target);
        view.render(&painter);
        painter.end();
        painting.push_back(cpuMs() - start);
    }
    std::printf("%zu nodes, %zu streams: %zu boxes, %zu links\n", snapshot->nodes.size(), snapshot->streams.size(),
                view.topology().boxes.size(), view.topology().links.size());
    report("topology", making);
    report("table", tabling);
    report("picture", painting);
    if (!options.words.empty())
        target.save(QString::fromStdString(options.words.front()));
    return 0;
}
