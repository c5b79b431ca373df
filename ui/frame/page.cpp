#include "ui/frame/page.h"

#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/frame/production_guard.h"
#include "ui/shell/stale.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QStackedWidget>
#include <QUuid>
#include <QVBoxLayout>

namespace headgate {

namespace {

const QString lackingName = QStringLiteral("lacking");  // the line that says what this control plane cannot do here

}  // namespace

Page::Page(PageIdentity identity, QWidget* parent) : QWidget(parent), m_identity(std::move(identity))
{
    setObjectName("page-" + m_identity.id);
    setAccessibleName(m_identity.title);
    setProperty(staleProperty, false);

    m_main = new QWidget;
    auto* column = new QVBoxLayout(m_main);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);

    auto* head = new QHBoxLayout;
    head->setContentsMargins(20, 14, 20, 10);
    head->setSpacing(8);
    auto* titles = new QVBoxLayout;
    titles->setSpacing(0);
    titles->addWidget(new TextLabel(m_identity.title, TextRole::Title));
    titles->addWidget(new ElidedLabel(m_identity.question, TextRole::Small, TextTone::Secondary));
    head->addLayout(titles, 1);
    m_actions = new QHBoxLayout;
    m_actions->setSpacing(8);
    head->addLayout(m_actions);
    column->addLayout(head);
    auto* lacking = new TextLabel({}, TextRole::Small, TextTone::Warning);
    lacking->setObjectName(lackingName);
    lacking->setWordWrap(true);
    lacking->setContentsMargins(20, 0, 20, 10);
    column->addWidget(lacking);

    m_stack = new QStackedWidget;
    auto* normal = new QWidget;
    m_content = new QVBoxLayout(normal);
    m_content->setContentsMargins(0, 0, 0, 0);
    m_content->setSpacing(0);
    m_stateView = new StateView;
    m_stack->addWidget(normal);
    m_stack->addWidget(m_stateView);
    column->addWidget(m_stack, 1);

    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_main);
    showLoading();
}

void Page::setInspector(QWidget* inspector)
{
    layout()->removeWidget(m_main);
    layout()->addWidget(new InspectorSplitter(m_main, inspector));
}

void Page::setControlPlane(ControlPlane* plane)
{
    if (m_plane != nullptr)
        disconnect(m_plane, nullptr, this, nullptr);
    m_plane = plane;
    showLoading();
    if (plane != nullptr) {
        connect(plane, &ControlPlane::snapshotChanged, this, &Page::deliver);
        connect(plane, &ControlPlane::linkChanged, this, &Page::showLinkWithoutData);
    }
    onControlPlaneChanged();
    deliver();
}

void Page::deliver()
{
    if (m_plane == nullptr || m_isFrozen || !isVisible())
        return;
    if (const SnapshotPtr snapshot = m_plane->snapshot())
        onSnapshot(*snapshot);
    else
        showLinkWithoutData();
}

// Without a first snapshot there is nothing to show but how the link is.
void Page::showLinkWithoutData()
{
    if (m_plane == nullptr || m_plane->snapshot() != nullptr)
        return;
    const Link link = m_plane->link();
    if (link.state == LinkState::Lost || link.state == LinkState::SignedOut) {
        showError(link.error, {{tr("Try again"),
                                [self = QPointer<Page>(this)] {
                                    if (self != nullptr && self->m_plane != nullptr)
                                        self->m_plane->reconnect();
                                },
                                {}}});
        return;
    }
    if (m_state != PageState::Loading)
        showLoading();
}

void Page::setStale(bool stale)
{
    if (stale == m_isStale)
        return;
    m_isStale = stale;
    setProperty(staleProperty, stale);
    const QList<QWidget*> children = findChildren<QWidget*>();
    for (QWidget* child : children) {
        QEvent event(QEvent::PaletteChange);
        QCoreApplication::sendEvent(child, &event);
        child->update();
    }
    updateControls();
    onStaleChanged();
}

void Page::setFrozen(bool frozen)
{
    m_isFrozen = frozen;
    deliver();
}

PageBadge Page::badge(const Snapshot&) const
{
    return {};
}

std::vector<PaletteAction> Page::paletteActions() const
{
    return {};
}

void Page::focusFilter()
{}

void Page::refresh()
{
    if (m_plane != nullptr && m_plane->link().state != LinkState::Connected)
        m_plane->reconnect();
    deliver();
}

void Page::reveal(const QString&)
{}

bool Page::closeInspector()
{
    return false;
}

bool Page::undo()
{
    return false;
}

bool Page::redo()
{
    return false;
}

void Page::enter(PageState state)
{
    m_state = state;
    updateControls();
    Q_EMIT stateChanged();
}

QString Page::whyReadOnly() const
{
    if (m_plane == nullptr)
        return tr("There is no connection to a control plane.");
    if (m_isStale)
        return tr("The data is stale: reconnect first.");
    if (m_state == PageState::Loading)
        return tr("The first figures of the control plane have not come yet.");
    if (m_state == PageState::Error)
        return tr("There is no data: reconnect first.");
    return m_ability ? whyUnable(*m_ability) : QString();
}

QString Page::whyReadOnly(Ability ability) const
{
    const QString why = whyReadOnly();
    return why.isEmpty() ? whyUnable(ability) : why;
}

QString Page::whyUnable(Ability ability) const
{
    return m_plane == nullptr ? QString() : format::text(m_plane->capabilities().whyNot(ability));
}

void Page::needsFreshData(QWidget* control)
{
    m_needFreshData.emplace_back(control, std::nullopt);
    updateControls();
}

void Page::needsFreshData(QWidget* control, Ability ability)
{
    m_needFreshData.emplace_back(control, ability);
    updateControls();
}

void Page::needsData(QWidget* control)
{
    m_needData.push_back(control);
    updateControls();
}

void Page::updateControls()
{
    const QString why = whyReadOnly();
    for (const auto& [control, ability] : m_needFreshData) {
        const QString whyNot = ability ? whyReadOnly(*ability) : why;
        control->setEnabled(whyNot.isEmpty());
        control->setToolTip(whyNot);
        control->setAccessibleDescription(whyNot);
    }
    for (QWidget* control : m_needData) {
        control->setEnabled(m_state == PageState::Normal);
        control->setToolTip(m_state == PageState::Normal ? QString() : tr("There is nothing to show yet."));
    }
    m_stateView->setReadOnly(why);
    const QString lacking = m_ability ? whyUnable(*m_ability) : QString();
    auto* label = m_main->findChild<TextLabel*>(lackingName, Qt::FindDirectChildrenOnly);
    label->setText(lacking);
    label->setVisible(!lacking.isEmpty());
}

void Page::showNormal()
{
    m_stack->setCurrentIndex(0);
    if (m_state != PageState::Normal)
        enter(PageState::Normal);
}

void Page::showEmpty(const QString& iconName, const QString& title, const QString& text,
                     std::vector<StateAction> actions)
{
    if (m_state == PageState::Empty)
        return;
    m_stateView->showEmpty(iconName, title, text, std::move(actions));
    m_stack->setCurrentIndex(1);
    enter(PageState::Empty);
}

void Page::showLoading()
{
    m_stateView->showLoading(tr("Waiting for the first figures of the control plane."));
    m_stack->setCurrentIndex(1);
    enter(PageState::Loading);
}

void Page::showError(const Error& error, std::vector<StateAction> actions)
{
    m_stateView->showError({}, error, std::move(actions));
    m_stack->setCurrentIndex(1);
    enter(PageState::Error);
}

Result<native::ShellLines> Page::asCommand(const Intent& intent, const QString& apiUrl) const
{
    if (m_plane == nullptr)
        return fail(ErrorCode::Unavailable, "There is no connection to a control plane.", "Connect, then try again.");
    CommandRequest request;
    request.command = intent.command;
    request.ifVersion = intent.ifVersion;
    return m_plane->asCommand(request, format::utf8(apiUrl));
}

void Page::submit(Command command, Execution execution, std::function<void(Result<CommandOutcome>)> done,
                  std::optional<std::uint64_t> ifVersion)
{
    CommandRequest request;
    request.command = std::move(command);
    request.actor.name = "console";
    request.requestId = RequestId(QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString());
    request.ifVersion = ifVersion;
    request.execution = execution;
    if (execution != Execution::Commit)
        return send(std::move(request), std::move(done));
    whenArmed([this, request = std::move(request), done] { send(request, done); },
              [done](const Error& error) { done(tl::unexpected(error)); });
}

void Page::send(CommandRequest request, std::function<void(Result<CommandOutcome>)> done)
{
    if (m_plane == nullptr) {
        done(fail(ErrorCode::Unavailable, "There is no connection to a control plane.", "Connect, then try again."));
        return;
    }
    m_plane->submit(std::move(request), [self = QPointer<Page>(this), done = std::move(done)](auto outcome) {
        if (self != nullptr)
            done(std::move(outcome));
    });
}

void Page::whenArmed(std::function<void()> act, std::function<void(const Error&)> refused)
{
    if (m_guard == nullptr || !m_guard->isLocked())
        return act();
    ConfirmationQuestion question;
    question.title = tr("Production is read-only");
    question.losses = {tr("This change would be applied to a production cluster now.")};
    question.kept = tr("Arming lasts %1 for everything this console changes there. Ctrl+Shift+A ends it.")
                        .arg(format::duration(ProductionGuard::armedFor));
    question.keepText = tr("Stay read-only");
    question.actText = tr("Arm and apply");
    const auto armed = [this, plane = m_plane, act = std::move(act), refused] {
        if (plane != m_plane)
            return refused({ErrorCode::Unavailable, "Another cluster is looked at now.", "Make the change there.", {}});
        m_guard->arm();
        act();
    };
    TypedConfirmation* dialog = TypedConfirmation::ask(this, question, armed);
    connect(dialog, &TypedConfirmation::rejected, this, [refused = std::move(refused)] {
        refused({ErrorCode::Conflict,
                 "This is a production cluster, and changes are not armed.",
                 "Arm them with Ctrl+Shift+A.",
                 {}});
    });
}

SnapshotPtr Page::present() const
{
    return m_plane == nullptr ? nullptr : m_plane->snapshot();
}

void Page::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    deliver();
}

}  // namespace headgate
