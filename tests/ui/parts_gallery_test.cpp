#include "tests/support/console_app.h"
#include "tests/support/sample_snapshot.h"
#include "ui/models/places.h"
#include "ui/models/rows.h"
#include "ui/models/snapshot_table_model.h"
#include "ui/shell/icon.h"
#include "ui/widgets/card.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/filter_bar.h"
#include "ui/widgets/health_strip.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/region_map.h"
#include "ui/widgets/route_tree.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_view.h"
#include "ui/widgets/status_glyph.h"
#include "ui/widgets/table_view.h"

#include <QAccessible>
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>

#include <cmath>

using namespace headgate;

namespace {

QWidget* controls()
{
    auto* card = new Card("Controls");
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(makeButton("Apply", ButtonKind::Primary, "check"));
    buttons->addWidget(makeButton("Duplicate", ButtonKind::Normal, "copy"));
    buttons->addWidget(makeButton("End now...", ButtonKind::Danger));
    buttons->addWidget(makeButton("End stream", ButtonKind::DangerFill));
    buttons->addWidget(makeButton("Discard", ButtonKind::Ghost));
    QPushButton* locked = makeButton("Apply", ButtonKind::Primary);
    locked->setEnabled(false);
    buttons->addWidget(locked);
    buttons->addWidget(makeLink("All in Audit"));
    buttons->addWidget(makeIconButton("more", "More"));
    buttons->addStretch(1);
    card->body()->addLayout(buttons);
    auto* fields = new QHBoxLayout;
    auto* name = new QLineEdit("eu-live");
    name->setAccessibleName("Name");
    auto* bad = new QLineEdit("36");
    bad->setAccessibleName("Maximum");
    setBad(bad, "Maximum 36 is below minimum 40.");
    auto* locked2 = new QLineEdit("Read-only");
    locked2->setAccessibleName("Locked");
    locked2->setEnabled(false);
    auto* spin = new QSpinBox;
    spin->setAccessibleName("Edges");
    spin->setValue(3);
    auto* combo = new QComboBox;
    combo->setAccessibleName("Region");
    combo->addItems({"Frankfurt", "London"});
    for (QWidget* field : std::initializer_list<QWidget*>{name, bad, locked2, spin, combo})
        fields->addWidget(field);
    card->body()->addLayout(fields);
    auto* checks = new QHBoxLayout;
    auto* on = new QCheckBox("On");
    on->setChecked(true);
    auto* off = new QCheckBox("Off");
    auto* onLocked = new QCheckBox("On, locked");
    onLocked->setChecked(true);
    onLocked->setEnabled(false);
    auto* one = new QRadioButton("One");
    one->setChecked(true);
    for (QWidget* check : std::initializer_list<QWidget*>{on, off, onLocked, one, new QRadioButton("Other")})
        checks->addWidget(check);
    checks->addStretch(1);
    card->body()->addLayout(checks);
    auto* chips = new QHBoxLayout;
    auto* range = new Segmented({"15 min", "1 h", "2 h", "24 h"}, "Range");
    range->setCurrentIndex(2);
    chips->addWidget(range);
    QPushButton* chip = makeButton("On air 27", ButtonKind::Chip);
    chip->setChecked(true);
    chips->addWidget(chip);
    chips->addStretch(1);
    card->body()->addLayout(chips);
    return card;
}

QWidget* statuses()
{
    auto* card = new Card("Status: shape, colour and word");
    auto* row = new QHBoxLayout;
    for (Status status : {Status::Ok, Status::Pending, Status::Draining, Status::Warning, Status::Critical, Status::Off,
                          Status::OnAir}) {
        row->addWidget(new StatusGlyph(status));
        row->addWidget(new StatusPill(status, "Frankfurt"));
    }
    row->addStretch(1);
    card->body()->addLayout(row);
    auto* notice = new Notice;
    notice->setContent(Status::Warning, "Survives 1 node, not region Frankfurt",
                       "Without Frankfurt, 11,400 find no seat");
    notice->setAction("Reconnect", [] {});
    card->body()->addWidget(notice);
    return card;
}

QWidget* texts()
{
    auto* card = new Card("Type");
    card->body()->addWidget(new TextLabel("Set up Headgate", TextRole::Display));
    auto* figure = new FigureLabel(TextRole::Title);
    figure->setFigure({"184,230", "viewers"});
    card->body()->addWidget(figure);
    card->body()->addWidget(new TextLabel("live/cup-final", TextRole::Heading));
    card->body()->addWidget(new TextLabel("Replace a failed node at once", TextRole::Body));
    card->body()->addWidget(new TextLabel("Outside schedules", TextRole::Caption, TextTone::Secondary));
    card->body()->addWidget(new TextLabel("rtmp://127.77.0.2/live/cup-final", TextRole::Mono));
    return card;
}

std::vector<ChartSeries> lines(TimePoint now, int count)
{
    std::vector<ChartSeries> all;
    for (int s = 0; s < count; ++s) {
        ChartSeries series;
        series.name = QString("Series %1").arg(s + 1);
        series.colour = s;
        series.isFilled = s == 0 && count < 4;
        for (int i = 0; i < 300; ++i) {
            if (i > 180 && i < 200)
                continue;
            series.points.push_back(
                {now - std::chrono::seconds(300 - i), (s + 1) * 2.1e6 + 8e5 * std::sin(i / 20.0 + s) + 5e3 * i});
        }
        all.push_back(series);
    }
    return all;
}

}  // namespace

// Every part once, in both themes; pictures are kept when HEADGATE_SHOTS names a folder.
class PartsGalleryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_app = std::make_unique<test::ConsoleApp>(); }

    void everyPartPaintsInBothThemes_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void everyPartPaintsInBothThemes()
    {
        QFETCH(bool, isDark);
        m_app->theme.setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        const QString theme = isDark ? "dark" : "light";
        const SnapshotPtr snapshot = test::sampleCluster().build();

        QWidget page;
        page.setObjectName("window");
        page.setAttribute(Qt::WA_StyledBackground);
        page.resize(1440, 1180);
        auto* grid = new QGridLayout(&page);
        grid->setSpacing(12);
        grid->addWidget(controls(), 0, 0);
        grid->addWidget(statuses(), 1, 0);
        grid->addWidget(texts(), 2, 0);
        grid->addWidget(strip(), 3, 0, 1, 2);
        grid->addWidget(mapCard(*snapshot), 0, 1, 2, 1);
        auto* chart = new MetricChart("Bandwidth", ChartUnit::BitsPerSecond);
        chart->setRange(snapshot->takenAt - std::chrono::minutes(5), snapshot->takenAt);
        chart->setSeries(lines(snapshot->takenAt, 3));
        grid->addWidget(chart, 2, 1);
        grid->addWidget(table(*snapshot), 4, 0, 2, 1);
        grid->addWidget(route(), 4, 1);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        chart->setCrosshair(snapshot->takenAt - std::chrono::minutes(3));
        QTRY_VERIFY(chart->pointCount() > 500);
        test::keepPicture(page, "parts-" + theme);
        QCOMPARE(page.grab().toImage().pixelColor(3, 3), isDark ? darkTokens().window : lightTokens().window);
    }

    void everyIconHasADrawing()
    {
        QDir icons(":/icons");
        QVERIFY(icons.entryList().size() > 35);
        const QStringList names = icons.entryList();
        for (const QString& file : names) {
            const QImage image = icon(file.chopped(4), lightTokens().text1, 16).toImage();
            bool isInked = false;
            for (int y = 0; y < 16; ++y)
                for (int x = 0; x < 16; ++x)
                    isInked = isInked || qAlpha(image.pixel(x, y)) > 100;
            QVERIFY2(isInked, qPrintable(file));
        }
    }

    void statesShowTheirWords()
    {
        StateView view;
        view.resize(400, 300);
        view.showEmpty("streams", "No streams on air", "Publish to rtmp://127.77.0.1/live.",
                       {{"Start test stream", [] {}, {}}});
        view.show();
        QVERIFY(view.findChild<QPushButton*>() != nullptr);
        test::keepPicture(view, "state-empty");
        view.showError("The streams could not be read",
                       Error{ErrorCode::Unauthenticated, "The server refused the token.", "Sign in again.", {}}, {});
        QTRY_COMPARE(view.findChildren<QPushButton*>().size(), 1);
        test::keepPicture(view, "state-error");
    }

    void everyFocusablePartHasAName()
    {
        const SnapshotPtr snapshot = test::sampleCluster().build();
        QWidget page;
        auto* column = new QVBoxLayout(&page);
        for (QWidget* part : {controls(), statuses(), strip(), mapCard(*snapshot), table(*snapshot), route()})
            column->addWidget(part);
        column->addWidget(new MetricChart("Viewers", ChartUnit::Count));
        page.show();
        const QList<QWidget*> widgets = page.findChildren<QWidget*>();
        for (QWidget* widget : widgets) {
            if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || widget->focusProxy() != nullptr)
                continue;
            QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(widget);
            QVERIFY2(accessible != nullptr && !accessible->text(QAccessible::Name).isEmpty(),
                     widget->metaObject()->className());
        }
    }

private:
    QWidget* strip()
    {
        auto* health = new HealthStrip;
        health->setCells({{"Service", Status::Warning, {"1 warning", {}}, "Node hEdgeIad02 is dead", {}, {}, 0, 1.5},
                          {"Viewers", {}, {"184,230", {}}, "+3,120 in 5 min", {}, {1, 2, 3, 3, 4, 5, 6, 7}, 0, 1.2},
                          {"Egress", {}, {"608", "Gbit/s"}, "3.3 Mbit/s per viewer", {}, {}, 0, 1},
                          {"Nodes",
                           {},
                           {"142", {}},
                           {},
                           {{Status::Ok, "131"}, {Status::Pending, "8"}, {Status::Draining, "3"}},
                           {},
                           0,
                           1}});
        return health;
    }

    QWidget* mapCard(const Snapshot& snapshot)
    {
        auto* card = new Card("Regions");
        card->setNote("area shows viewers");
        card->addHeaderWidget(new Segmented({"Viewers", "Load", "Nodes"}, "Shown on the map"));
        auto* map = new RegionMap;
        std::vector<MapRegion> regions;
        int weight = 10;
        for (const char* id :
             {"eu-central-1", "eu-west-2", "us-east-1", "sa-east-1", "ap-southeast-1", "ap-southeast-2", "us-west-1"}) {
            const Place place = *placeOfRegion(id);
            regions.push_back({id, place.name, QString::number(weight) + "k", place.latitude, place.longitude,
                               weight == 10 ? Status::Warning : Status::Ok, 1.0 * weight});
            weight += 7;
        }
        map->setRegions(regions);
        card->body()->addWidget(map, 1);
        Q_UNUSED(snapshot)
        return card;
    }

    QWidget* table(const Snapshot& snapshot)
    {
        auto* box = new QWidget;
        auto* column = new QVBoxLayout(box);
        auto* bar = new FilterBar("Filter by name, group, region", "Filter streams");
        bar->addToggle("onair:yes", "On air");
        bar->addChoice("group", "Any group");
        bar->setChoiceValues("group", {"eu-live", "us-live"});
        bar->setCount(3, 7);
        column->addWidget(bar);
        auto* view = new TableView("Streams", RowHeight::TwoLines);
        auto* model = new SnapshotTableModel(rows::streamColumns(), box);
        auto* filter = new RowFilter(box);
        LocalHistory history;
        for (int i = 0; i < 20; ++i) {
            Snapshot s = snapshot;
            s.takenAt += std::chrono::seconds(i);
            for (StreamStatus& stream : s.streams)
                stream.ingest.bitsPerSecond += (i * 37 % 11) * 40000;
            history.add(s);
        }
        model->setRows(rows::streams(snapshot, history, snapshot.takenAt));
        view->setTable(*model, *filter);
        view->selectKey("eu-live/live/fan-zone");
        column->addWidget(view, 1);
        return box;
    }

    QWidget* route()
    {
        auto* card = new Card("Route");
        auto* tree = new RouteTree;
        tree->setHops({{0, Status::OnAir, "Publisher", "127.0.0.1:40112", "2.5", "Mbit/s", {}},
                       {1, Status::Ok, "Origin aOriginFra", "Frankfurt", "2.5", "2 children", "aOriginFra"},
                       {2, Status::Ok, "Edge bEdgeFra01", "Frankfurt", "2.5", "61 viewers", "b"},
                       {2, Status::Warning, "Edge dEdgeLon01", "London", "2.5", "38 viewers", "d"}});
        card->body()->addWidget(tree);
        auto* list = new KeyValueList;
        list->setRows({{"Address", "rtmp://127.77.0.2/live/cup-final", ValueStyle::Mono, {}},
                       {"Since", "41 min", ValueStyle::Figure, {}},
                       {"State", "Ready", ValueStyle::Text, Status::Ok}});
        card->body()->addWidget(list);
        card->body()->addStretch(1);
        return card;
    }

    std::unique_ptr<test::ConsoleApp> m_app;
};

QTEST_MAIN(PartsGalleryTest)
#include "parts_gallery_test.moc"
