#include "ui/frame/main_window.h"

#include "ui/format.h"
#include "ui/frame/bars.h"
#include "ui/frame/cheat_sheet.h"
#include "ui/frame/command_palette.h"
#include "ui/frame/nav_rail.h"
#include "ui/shell/icon.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/toast.h"

#include <QApplication>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <chrono>

namespace headgate {

namespace {

constexpr Duration staleAfter = std::chrono::seconds(3);
constexpr int narrowBelow = 1280;
constexpr int goKeyMs = 1500;
constexpr int airFrameWidth = 2;

TimePoint wallClock()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace

MainWindow::MainWindow(Settings& settings, Theme& theme) : m_settings(settings), m_theme(theme), m_guard(settings)
{
    setObjectName("window");
    setAttribute(Qt::WA_StyledBackground);
    setWindowTitle(QStringLiteral("Headgate"));
    setWindowIcon(windowIcon());
    setMinimumSize(1180, 720);
    resize(1440, 900);
    restoreGeometry(settings.windowGeometry());
    buildFrame();
    addShortcuts();
    m_clock.setInterval(500);
    connect(&m_clock, &QTimer::timeout, this, &MainWindow::tick);
    m_clock.start();
    m_goKeyTimeout.setSingleShot(true);
    m_goKeyTimeout.setInterval(goKeyMs);
    connect(&m_goKeyTimeout, &QTimer::timeout, this, [this] { m_isGoKeyOpen = false; });
    connect(&m_theme, &Theme::changed, this, [this] { m_topBar->setDarkTheme(m_theme.isDark()); });
    m_topBar->setDarkTheme(m_theme.isDark());
    tick();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildFrame()
{
    auto* whole = new QVBoxLayout(this);
    whole->setContentsMargins(0, 0, 0, 0);
    m_outer = new QStackedWidget;
    whole->addWidget(m_outer);

    m_frame = new QWidget;
    auto* column = new QVBoxLayout(m_frame);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    m_rail = new NavRail;
    middle->addWidget(m_rail);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    m_topBar = new TopBar;
    right->addWidget(m_topBar);
    m_bannerFrame = new QWidget;
    auto* bannerRow = new QVBoxLayout(m_bannerFrame);
    bannerRow->setContentsMargins(20, 10, 20, 0);
    m_banner = new Notice;
    m_banner->setAction(tr("Reconnect"), [this] {
        if (m_plane != nullptr)
            m_plane->reconnect();
    });
    bannerRow->addWidget(m_banner);
    m_bannerFrame->hide();
    right->addWidget(m_bannerFrame);
    m_stack = new QStackedWidget;
    right->addWidget(m_stack, 1);
    middle->addLayout(right, 1);
    column->addLayout(middle, 1);
    m_statusBar = new StatusBar;
    column->addWidget(m_statusBar);
    m_outer->addWidget(m_frame);

    m_palette = new CommandPalette(this);
    m_toast = new Toast(this);
    connect(m_rail, &NavRail::pageChosen, this, [this](const QString& id) { goTo(id); });
    connect(m_rail, &NavRail::userClicked, this, &MainWindow::userClicked);
    connect(m_topBar, &TopBar::searchRequested, this, &MainWindow::openPalette);
    connect(m_topBar, &TopBar::themeToggled, this, [this] { m_theme.toggle(); });
    connect(m_topBar, &TopBar::helpRequested, this, &MainWindow::showCheatSheet);
    connect(m_topBar, &TopBar::stageChosen, &m_guard, &ProductionGuard::setStage);
    connect(m_topBar, &TopBar::armingToggled, this, &MainWindow::toggleArming);
    connect(&m_guard, &ProductionGuard::changed, this, &MainWindow::showGuard);
    connect(m_palette, &CommandPalette::closed, this, [this] {
        if (Page* page = currentPage())
            page->setFocus();
    });
}

void MainWindow::addShortcuts()
{
    const auto add = [this](const QKeySequence& keys, auto run) {
        auto* shortcut = new QShortcut(keys, this);
        connect(shortcut, &QShortcut::activated, this, run);
    };
    add(Qt::CTRL | Qt::Key_K, [this] { openPalette(); });
    add(Qt::CTRL | Qt::Key_F, [this] {
        if (Page* page = currentPage())
            page->focusFilter();
    });
    add(Qt::Key_F5, [this] {
        if (Page* page = currentPage())
            page->refresh();
    });
    add(Qt::CTRL | Qt::Key_Period, [this] { toggleFrozen(); });
    add(Qt::SHIFT | Qt::Key_F1, [this] { showCheatSheet(); });
    add(Qt::CTRL | Qt::SHIFT | Qt::Key_A, [this] { toggleArming(); });
    add(Qt::Key_F6, [this] { cycleRegion(1); });
    add(Qt::SHIFT | Qt::Key_F6, [this] { cycleRegion(-1); });
    add(QKeySequence::Undo, [this] {
        if (Page* page = currentPage(); page == nullptr || !page->undo())
            m_toast->undo();
    });
    add(Qt::CTRL | Qt::SHIFT | Qt::Key_Z, [this] {
        if (Page* page = currentPage())
            page->redo();
    });
    for (int i = 0; i < 9; ++i)
        add(QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + i)), [this, i] {
            if (static_cast<std::size_t>(i) < m_pages.size())
                goTo(m_pages[static_cast<std::size_t>(i)]->identity().id);
        });
}

void MainWindow::setPages(const std::vector<Page*>& pages)
{
    m_pages = pages;
    m_rail->setPages(pages);
    for (Page* page : pages) {
        m_stack->addWidget(page);
        page->setGuard(&m_guard);
        connect(page, &Page::goToRequested, this, &MainWindow::goTo);
    }
    if (pages.empty())
        return;
    goTo(pages.front()->identity().id);
    pages.front()->setFocus(Qt::OtherFocusReason);
}

Page* MainWindow::currentPage() const
{
    return qobject_cast<Page*>(m_stack->currentWidget());
}

void MainWindow::setControlPlane(ControlPlane* plane)
{
    if (m_plane != nullptr)
        disconnect(m_plane, nullptr, this, nullptr);
    m_plane = plane;
    if (plane != nullptr) {
        connect(plane, &ControlPlane::snapshotChanged, this, &MainWindow::onSnapshot);
        connect(plane, &ControlPlane::linkChanged, this, &MainWindow::tick);
    }
    for (Page* page : m_pages)
        page->setControlPlane(plane);
    onSnapshot();
    tick();
    if (plane != nullptr)
        Q_EMIT controlPlaneShown();
}

void MainWindow::onSnapshot()
{
    const SnapshotPtr snapshot = m_plane == nullptr ? nullptr : m_plane->snapshot();
    if (snapshot == nullptr) {
        m_guard.setCluster({});
        return;
    }
    const QString name = format::text(snapshot->deploymentName);
    m_guard.setCluster(format::text(m_plane->link().address) + '/' + name);
    m_topBar->setDeployment(name);
    showGuard();
    for (const Page* page : m_pages)
        m_rail->setBadge(page->identity().id, page->badge(*snapshot));
}

bool MainWindow::isStale() const
{
    if (m_plane == nullptr || m_plane->snapshot() == nullptr)
        return false;
    const Link link = m_plane->link();
    return link.state != LinkState::Connected || wallClock() - link.lastHeard > staleAfter;
}

void MainWindow::tick()
{
    const TimePoint now = wallClock();
    m_statusBar->setClocks(now, m_settings.deploymentZone());
    const Link link = m_plane == nullptr ? Link{} : m_plane->link();
    const SnapshotPtr snapshot = m_plane == nullptr ? nullptr : m_plane->snapshot();
    if (m_guard.isArmed())
        showGuard();
    m_statusBar->setLink(link);
    m_statusBar->setFigures(snapshot.get(), now, link.lastHeard);
    const bool stale = isStale();
    if (stale) {
        const QString why = link.error.message.empty() ? QString() : ". " + format::text(link.error.message);
        m_banner->setContent(Status::Warning, tr("Data is %1 old").arg(format::duration(now - link.lastHeard)),
                             tr("last heard %1").arg(format::clockSeconds(link.lastHeard)) + why);
    }
    m_bannerFrame->setVisible(stale);
    for (Page* page : m_pages)
        page->setStale(stale);
}

void MainWindow::showGuard()
{
    const SnapshotPtr snapshot = m_plane == nullptr ? nullptr : m_plane->snapshot();
    const int onAir = snapshot == nullptr ? 0 : static_cast<int>(snapshot->streams.size());
    m_topBar->showGuard(m_guard, onAir);
    const bool hasFrame = onAir > 0 && m_guard.stage() == ClusterStage::Production;
    if (hasFrame == m_hasAirFrame)
        return;
    m_hasAirFrame = hasFrame;
    const int margin = hasFrame ? airFrameWidth : 0;
    layout()->setContentsMargins(margin, margin, margin, margin);
    update();
}

void MainWindow::toggleArming()
{
    if (m_guard.stage() != ClusterStage::Production) {
        present({tr("This cluster is not marked as production: it can be changed at any time."), {}});
        return;
    }
    if (m_guard.isArmed())
        m_guard.disarm();
    else
        m_guard.arm();
}

void MainWindow::showInstead(QWidget* whole)
{
    while (m_outer->count() > 1) {
        QWidget* last = m_outer->widget(m_outer->count() - 1);
        if (last == whole)
            break;
        m_outer->removeWidget(last);
        last->deleteLater();
    }
    if (whole != nullptr && m_outer->indexOf(whole) < 0)
        m_outer->addWidget(whole);
    m_outer->setCurrentWidget(whole == nullptr ? m_frame : whole);
    if (whole == nullptr && currentPage() != nullptr)
        currentPage()->setFocus(Qt::OtherFocusReason);
}

void MainWindow::goTo(const QString& pageId, const QString& key)
{
    for (Page* page : m_pages) {
        if (page->identity().id != pageId)
            continue;
        m_stack->setCurrentWidget(page);
        m_rail->setCurrent(pageId);
        m_topBar->setFrozen(page->isFrozen());
        setWindowTitle(page->identity().title + " - Headgate");
        if (!m_rail->isAncestorOf(QApplication::focusWidget()))
            page->setFocus(Qt::OtherFocusReason);
        if (!key.isEmpty())
            page->reveal(key);
    }
}

void MainWindow::present(ToastMessage message)
{
    m_toast->present(std::move(message));
}

void MainWindow::setUser(const QString& name, const QString& second)
{
    m_rail->setUser(name, second);
}

void MainWindow::setConnectionNote(const QString& note)
{
    m_statusBar->setConnectionNote(note);
}

void MainWindow::setClosePermission(std::function<bool()> mayClose)
{
    m_mayClose = std::move(mayClose);
}

void MainWindow::setProgramActions(std::vector<PaletteAction> actions)
{
    m_programActions = std::move(actions);
}

void MainWindow::toggleFrozen()
{
    Page* page = currentPage();
    if (page == nullptr)
        return;
    page->setFrozen(!page->isFrozen());
    m_topBar->setFrozen(page->isFrozen());
}

std::vector<PaletteAction> MainWindow::goToActions()
{
    std::vector<PaletteAction> actions;
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        const PageIdentity& identity = m_pages[i]->identity();
        PaletteAction action;
        action.text = identity.title;
        action.effect = identity.question;
        action.iconName = identity.iconName;
        action.shortcut = tr("G %1").arg(identity.goKey);
        action.run = [this, id = identity.id] { goTo(id); };
        actions.push_back(std::move(action));
    }
    return actions;
}

std::vector<PaletteAction> MainWindow::runActions()
{
    std::vector<PaletteAction> actions;
    if (const Page* page = currentPage())
        actions = page->paletteActions();
    for (const Page* page : m_pages) {
        if (page == currentPage())
            continue;
        for (PaletteAction& action : page->paletteActions())
            if (action.object.isEmpty())
                actions.push_back(std::move(action));
    }
    for (PaletteAction& action : guardActions())
        actions.push_back(std::move(action));
    actions.insert(actions.end(), m_programActions.begin(), m_programActions.end());
    const auto add = [&actions](const QString& text, const QString& effect, const QString& iconName,
                                const QString& shortcut, std::function<void()> run) {
        PaletteAction action;
        action.text = text;
        action.effect = effect;
        action.iconName = iconName;
        action.shortcut = shortcut;
        action.run = std::move(run);
        actions.push_back(std::move(action));
    };
    add(m_theme.isDark() ? tr("Light theme") : tr("Dark theme"), tr("changes at once"),
        m_theme.isDark() ? "sun" : "moon", {}, [this] { m_theme.toggle(); });
    add(tr("Follow the system's theme"), {}, "sun", {}, [this] { m_theme.setChoice(ThemeChoice::System); });
    add(tr("Larger text"), format::percent(m_theme.textScale() * 100), "plus", {},
        [this] { m_theme.setTextScale(m_theme.textScale() + 0.1); });
    add(tr("Smaller text"), format::percent(m_theme.textScale() * 100), "filter", {},
        [this] { m_theme.setTextScale(m_theme.textScale() - 0.1); });
    add(m_theme.contrast() == Contrast::Normal ? tr("Increase contrast") : tr("Normal contrast"), {}, "overview", {},
        [this] {
            m_theme.setContrast(m_theme.contrast() == Contrast::Normal ? Contrast::Increased : Contrast::Normal);
        });
    add(tr("Freeze view"), tr("figures stand still until it is let go"), "freeze", "Ctrl .",
        [this] { toggleFrozen(); });
    add(tr("Keyboard"), tr("all keys of this page"), "help", "Shift F1", [this] { showCheatSheet(); });
    return actions;
}

std::vector<PaletteAction> MainWindow::guardActions()
{
    if (m_plane == nullptr || m_plane->snapshot() == nullptr)
        return {};
    if (m_guard.stage() != ClusterStage::Production)
        return {{tr("Mark this cluster as production"),
                 tr("read-only until armed"),
                 "lock",
                 {},
                 {},
                 [this] { m_guard.setStage(ClusterStage::Production); },
                 {}}};
    return {{m_guard.isArmed() ? tr("Make production read-only again") : tr("Arm changes of production"),
             m_guard.isArmed() ? QString() : tr("for %1").arg(format::duration(ProductionGuard::armedFor)),
             "lock",
             "Ctrl Shift A",
             {},
             [this] { toggleArming(); },
             {}}};
}

void MainWindow::openPalette()
{
    if (m_outer->currentWidget() != m_frame)
        return;
    m_palette->open(goToActions(), runActions(), {});
}

void MainWindow::showCheatSheet()
{
    auto* sheet = new CheatSheet(
        goToActions(), currentPage() == nullptr ? std::vector<PaletteAction>{} : currentPage()->paletteActions(), this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->open();
}

// Rail, page, inspector: the first part of the next region that can take the focus gets it.
void MainWindow::cycleRegion(int direction)
{
    std::vector<QWidget*> regions{m_rail, currentPage()};
    if (Page* page = currentPage()) {
        const QList<Inspector*> inspectors = page->findChildren<Inspector*>();
        for (Inspector* inspector : inspectors)
            if (inspector->isVisible())
                regions.push_back(inspector);
    }
    const QWidget* focus = QApplication::focusWidget();
    int present = 0;
    for (std::size_t i = 0; i < regions.size(); ++i)
        if (regions[i] != nullptr && focus != nullptr && regions[i]->isAncestorOf(focus))
            present = static_cast<int>(i);
    const int count = static_cast<int>(regions.size());
    QWidget* next = regions[static_cast<std::size_t>((present + direction + count) % count)];
    if (next == m_rail) {
        m_rail->focusCurrent();
        return;
    }
    const QList<QWidget*> children = next == nullptr ? QList<QWidget*>() : next->findChildren<QWidget*>();
    for (QWidget* child : children) {
        const bool isElsewhere = next == currentPage() && regions.size() > 2 && regions.back()->isAncestorOf(child);
        if (child->isVisible() && child->isEnabled() && (child->focusPolicy() & Qt::TabFocus) != 0 && !isElsewhere) {
            child->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

void MainWindow::keyPressEvent(QKeyEvent* event)
{
    const bool isPlain = (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == Qt::NoModifier;
    if (event->key() == Qt::Key_Escape) {
        if (Page* page = currentPage())
            page->closeInspector();
        return;
    }
    if (!isPlain || event->text().isEmpty() || !m_settings.singleLetterShortcuts()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const QChar letter = event->text().at(0).toUpper();
    if (m_isGoKeyOpen) {
        m_isGoKeyOpen = false;
        for (const Page* page : m_pages)
            if (page->identity().goKey.toUpper() == letter)
                goTo(page->identity().id);
        return;
    }
    if (letter == 'G') {
        m_isGoKeyOpen = true;
        m_goKeyTimeout.start();
    } else if (letter == '/' && currentPage() != nullptr) {
        currentPage()->focusFilter();
    } else if (letter == '?') {
        showCheatSheet();
    } else {
        QWidget::keyPressEvent(event);
    }
}

// Magenta: an audience is watching.
void MainWindow::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    if (!m_hasAirFrame)
        return;
    QPainter painter(this);
    painter.setPen(QPen(tokensOf(this).airFill, airFrameWidth));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_rail->setRailWidth(width() < scaled(narrowBelow) ? RailWidth::Narrow : RailWidth::Full);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_mayClose && !m_mayClose()) {
        event->ignore();
        return;
    }
    m_settings.setWindowGeometry(saveGeometry());
    event->accept();
}

}  // namespace headgate
