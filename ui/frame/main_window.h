#pragma once

#include "core/plane/control_plane.h"
#include "ui/frame/page.h"
#include "ui/frame/production_guard.h"

#include <QPointer>
#include <QTimer>
#include <QWidget>

#include <functional>
#include <vector>

class QStackedWidget;

namespace headgate {

class CommandPalette;
class NavRail;
class Notice;
class Settings;
class StatusBar;
class Theme;
class Toast;
class TopBar;

// The frame around the pages: rail, top bar, status bar, palette, toast and keys. It decides nothing: it shows the
// link and the age of a control plane, and takes the user from page to page.
class MainWindow : public QWidget
{
    Q_OBJECT

public:
    MainWindow(Settings& settings, Theme& theme);
    ~MainWindow() override;

    // Parent for pages until setPages() takes them.
    QWidget* pageHost() { return this; }

    // In rail order; the first is shown.
    void setPages(const std::vector<Page*>& pages);
    Page* currentPage() const;
    const std::vector<Page*>& pages() const { return m_pages; }
    ProductionGuard& guard() { return m_guard; }

    // Gives it to every page. May be null.
    void setControlPlane(ControlPlane* plane);

    // Instead of the frame, for example the first run; null goes back to the pages.
    void showInstead(QWidget* whole);

    void goTo(const QString& pageId, const QString& key = {});
    void present(ToastMessage message);
    void setUser(const QString& name, const QString& second);
    void setConnectionNote(const QString& note);

    // Asked when the window is to be closed; false keeps it open.
    void setClosePermission(std::function<bool()> mayClose);

    // Actions of the program, listed in the palette under Run.
    void setProgramActions(std::vector<PaletteAction> actions);

Q_SIGNALS:
    void userClicked();
    void controlPlaneShown();

protected:
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildFrame();
    void addShortcuts();
    void onSnapshot();
    void tick();
    void showGuard();
    void toggleArming();
    void openPalette();
    void showCheatSheet();
    void cycleRegion(int direction);
    void toggleFrozen();
    std::vector<PaletteAction> goToActions();
    std::vector<PaletteAction> runActions();
    std::vector<PaletteAction> guardActions();
    bool isStale() const;

    Settings& m_settings;
    Theme& m_theme;
    ProductionGuard m_guard;
    bool m_hasAirFrame = false;
    QPointer<ControlPlane> m_plane;
    std::vector<Page*> m_pages;
    std::function<bool()> m_mayClose;
    std::vector<PaletteAction> m_programActions;
    QTimer m_clock;
    QTimer m_goKeyTimeout;
    bool m_isGoKeyOpen = false;

    QStackedWidget* m_outer = nullptr;
    QWidget* m_frame = nullptr;
    QStackedWidget* m_stack = nullptr;
    NavRail* m_rail = nullptr;
    TopBar* m_topBar = nullptr;
    StatusBar* m_statusBar = nullptr;
    QWidget* m_bannerFrame = nullptr;
    Notice* m_banner = nullptr;
    CommandPalette* m_palette = nullptr;
    Toast* m_toast = nullptr;
};

}  // namespace headgate
