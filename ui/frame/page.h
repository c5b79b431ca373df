#pragma once

#include "core/plan/zone_rules.h"
#include "core/plane/capabilities.h"
#include "core/plane/control_plane.h"
#include "ui/models/shell_command.h"
#include "ui/shell/media_services.h"
#include "ui/shell/tokens.h"
#include "ui/widgets/toast.h"

#include <QPointer>
#include <QString>
#include <QWidget>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

class QBoxLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace headgate {

class ProductionGuard;
class Settings;
class StateView;
struct StateAction;

enum class PageState
{
    Normal,
    Empty,
    Loading,
    Error
};

enum class RailSection
{
    Live,
    Capacity,
    Observe,
    Manage
};

// What the shell needs to list a page.
struct PageIdentity
{
    QString id;        // "node-groups": file names, settings, navigation
    QString title;     // tr
    QString question;  // tr; the one question that the page answers
    QString iconName;
    QChar goKey;  // G then this letter
    RailSection section = RailSection::Live;
};

// Count in the rail; with a status the glyph stands before it. Nothing is shown for 0.
struct PageBadge
{
    std::optional<Status> status;
    int count = 0;
    bool operator==(const PageBadge&) const = default;
};

// One row of the palette.
struct PaletteAction
{
    QString text;    // verb and object
    QString effect;  // what it does, in few words
    QString iconName;
    QString shortcut;
    ShellSource asCommand;  // the same from a shell; empty if there is none
    std::function<void()> run;
    QString object;  // what is selected, if it acts on that
};

// What every page is given; outlives the pages.
struct PageContext
{
    Settings& settings;
    const MediaServices& media;
    std::function<void(ToastMessage)> toast;
    QString apiUrl;      // of the cluster that is looked at, "http://127.0.0.1:5080"; empty if no API listens
    QString apiUser;     // who is signed in there; empty on this console's own cluster
    ZoneLoader zones{};  // of the plan; any thread
};

// One page answers one question of the operator. It shows snapshots of a control plane and keeps no other state than
// its filter and selection.
class Page : public QWidget
{
    Q_OBJECT

public:
    Page(PageIdentity identity, QWidget* parent = nullptr);

    const PageIdentity& identity() const { return m_identity; }
    ControlPlane* controlPlane() const { return m_plane; }

    // May be null. Shows its present snapshot at once.
    void setControlPlane(ControlPlane* plane);

    // Asked before anything is changed; outlives the page. Null: nothing is guarded.
    void setGuard(ProductionGuard* guard) { m_guard = guard; }

    PageState state() const { return m_state; }

    // Older than 3 s or the link is lost: painted paler, actions that change something are disabled.
    bool isStale() const { return m_isStale; }
    void setStale(bool stale);

    // A frozen page keeps what it shows; the newest snapshot comes when it is let go.
    bool isFrozen() const { return m_isFrozen; }
    void setFrozen(bool frozen);

    virtual PageBadge badge(const Snapshot& snapshot) const;
    virtual std::vector<PaletteAction> paletteActions() const;
    virtual void focusFilter();
    virtual void refresh();                   // F5
    virtual void reveal(const QString& key);  // select the object of that key and open its inspector
    virtual bool closeInspector();            // Esc; false if there was none open
    virtual bool undo();                      // Ctrl+Z; false if the page keeps no changes of its own
    virtual bool redo();                      // Ctrl+Shift+Z

Q_SIGNALS:
    void goToRequested(const QString& pageId, const QString& key);
    void stateChanged();

protected:
    // The next snapshot; called only while the page is visible and not frozen, and on showing it.
    virtual void onSnapshot(const Snapshot& snapshot) = 0;
    virtual void onControlPlaneChanged() {}
    virtual void onStaleChanged() {}

    // Right of the title; add at most one primary button.
    QHBoxLayout* actions() const { return m_actions; }
    // Below the head; no margins. The head has its own 20 px sides.
    QVBoxLayout* content() const { return m_content; }
    // For pages whose inspector reaches to the top: puts head and content left of `inspector` (InspectorSplitter).
    void setInspector(QWidget* inspector);

    // Full height below the head.
    void showNormal();
    void showEmpty(const QString& iconName, const QString& title, const QString& text,
                   std::vector<StateAction> actions);
    void showLoading();
    void showError(const Error& error, std::vector<StateAction> actions);

    // The newest data; null until there is some.
    SnapshotPtr present() const;

    // What the page changes; whyReadOnly() tells if the control plane cannot do it.
    void setAbility(Ability ability) { m_ability = ability; }
    // Why nothing can be changed now: there is no data, it is old, or this control plane cannot. Empty if it can.
    QString whyReadOnly() const;
    QString whyReadOnly(Ability ability) const;
    // Keeps `control` disabled, with the reason as its tooltip, while whyReadOnly() has one.
    void needsFreshData(QWidget* control);
    void needsFreshData(QWidget* control, Ability ability);
    // The same while the page shows no data at all; old data will do.
    void needsData(QWidget* control);

    // Sends `command` as this console's user; `done` comes with the outcome, not if the page has gone. What changes
    // something on a guarded cluster is asked about first, and refused with Conflict if the answer is no.
    void submit(Command command, Execution execution, std::function<void(Result<CommandOutcome>)> done,
                std::optional<std::uint64_t> ifVersion = std::nullopt);

    // The same for what is no command: `act` is called when it may be done, else `refused`.
    void whenArmed(std::function<void()> act, std::function<void(const Error&)> refused);

    // What does the same as submit() from a shell; of the control plane that is looked at then.
    Result<native::ShellLines> asCommand(const Intent& intent, const QString& apiUrl) const;

    void showEvent(QShowEvent* event) override;

private:
    void send(CommandRequest request, std::function<void(Result<CommandOutcome>)> done);
    void deliver();
    void showLinkWithoutData();
    void enter(PageState state);
    void updateControls();
    QString whyUnable(Ability ability) const;

    PageIdentity m_identity;
    QPointer<ControlPlane> m_plane;
    ProductionGuard* m_guard = nullptr;
    PageState m_state = PageState::Loading;
    bool m_isStale = false;
    bool m_isFrozen = false;
    QWidget* m_main = nullptr;
    QHBoxLayout* m_actions = nullptr;
    QVBoxLayout* m_content = nullptr;
    QStackedWidget* m_stack = nullptr;
    StateView* m_stateView = nullptr;
    std::vector<std::pair<QWidget*, std::optional<Ability>>> m_needFreshData;
    std::optional<Ability> m_ability;
    std::vector<QWidget*> m_needData;
};

}  // namespace headgate
