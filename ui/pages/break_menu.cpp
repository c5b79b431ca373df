#include "ui/pages/break_menu.h"

#include "ui/dialogs/recovery_dialog.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/format.h"
#include "ui/models/places.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headgate {

namespace {

constexpr auto harmLasts = std::chrono::seconds(20);  // unless it is for good

QString verb(NodeHarm harm, const QString& what)
{
    switch (harm) {
    case NodeHarm::Kill:
        return BreakMenu::tr("Kill %1").arg(what);
    case NodeHarm::Freeze:
        return BreakMenu::tr("Freeze %1 for %2").arg(what, format::duration(harmLasts));
    case NodeHarm::Slow:
        return BreakMenu::tr("Slow down %1 for %2").arg(what, format::duration(harmLasts));
    }
    return {};
}

QString nameOf(const NodeStatus& status)
{
    return BreakMenu::tr("node %1").arg(format::text(status.node.id.value));
}

QString whoIsOn(const Snapshot& snapshot, const std::vector<NodeId>& nodes)
{
    int viewers = 0;
    int publishers = 0;
    for (const NodeId& id : nodes) {
        if (const NodeStatus* status = snapshot.findNode(id)) {
            viewers += status->load.subscribers;
            publishers += status->load.publishers;
        }
    }
    if (viewers + publishers == 0)
        return BreakMenu::tr("Nobody is on it.");
    return BreakMenu::tr("%n viewer(s)", nullptr, viewers) + BreakMenu::tr(" and ") +
           BreakMenu::tr("%n publisher(s) are on it.", nullptr, publishers);
}

}  // namespace

BreakMenu::BreakMenu(Chaos chaos, std::function<std::optional<Target>()> target, QWidget* page)
    : QMenu(page), m_chaos(std::move(chaos)), m_target(std::move(target)), m_page(page)
{
    connect(this, &QMenu::aboutToShow, this, &BreakMenu::fill);
}

QString BreakMenu::whyNot() const
{
    if (!m_chaos.whyNot)
        return tr("This console cannot break nodes.");
    if (QString why = m_chaos.whyNot(); !why.isEmpty())
        return why;
    const std::optional<Target> target = m_target();
    return target && !target->node.node.providerReference.empty() ? QString() : tr("The node does not run.");
}

void BreakMenu::fill()
{
    clear();
    const std::optional<Target> target = m_target();
    if (!target)
        return;
    for (const NodeHarm harm : {NodeHarm::Kill, NodeHarm::Freeze, NodeHarm::Slow})
        connect(addAction(verb(harm, nameOf(target->node)) + QStringLiteral("...")), &QAction::triggered, this,
                [this, harm] { breakNode(harm); });
    addSeparator();
    connect(addAction(tr("Lose region %1...").arg(regionName(target->node.node.region))), &QAction::triggered, this,
            &BreakMenu::loseRegion);
}

void BreakMenu::breakNode(NodeHarm harm)
{
    const std::optional<Target> target = m_target();
    if (target && whyNot().isEmpty())
        ask(nameOf(target->node), {target->node.node.id}, harm);
}

void BreakMenu::loseRegion()
{
    const std::optional<Target> target = m_target();
    if (!target || !whyNot().isEmpty())
        return;
    const std::string& region = target->node.node.region;
    std::vector<NodeId> nodes;
    for (const NodeStatus& each : target->snapshot->nodes) {
        if (each.node.region == region && !each.node.providerReference.empty())
            nodes.push_back(each.node.id);
    }
    const int count = static_cast<int>(nodes.size());
    ask(tr("%n node(s) of region %1", nullptr, count).arg(regionName(region)), std::move(nodes), NodeHarm::Kill);
}

void BreakMenu::ask(const QString& what, std::vector<NodeId> nodes, NodeHarm harm)
{
    const std::optional<Target> target = m_target();
    ConfirmationQuestion question;
    question.title = verb(harm, what) + QLatin1Char('?');
    question.losses << whoIsOn(*target->snapshot, nodes);
    question.kept = harm == NodeHarm::Kill ? tr("Its pool gets another one. How long that takes is shown.")
                                           : tr("It goes on by itself afterwards, also if this console ends.");
    question.keepText = tr("Leave it alone");
    question.actText = tr("Break it");
    TypedConfirmation::ask(m_page, question,
                           [this, what, nodes = std::move(nodes), harm] { this->harm(what, nodes, harm); });
}

void BreakMenu::harm(const QString& what, const std::vector<NodeId>& nodes, NodeHarm harm)
{
    const std::optional<Target> target = m_target();
    if (const QString why = whyNot(); !target || !why.isEmpty())
        return Q_EMIT refused(why);
    RecoveryWatch watch(*target->snapshot, nodes, std::chrono::floor<Duration>(std::chrono::system_clock::now()));
    for (const NodeId& id : nodes) {
        const NodeStatus* status = target->snapshot->findNode(id);
        const Result<void> harmed =
            status ? m_chaos.harm(status->node, harm, harmLasts) : fail(ErrorCode::NotFound, "The node has gone.");
        if (!harmed)
            return Q_EMIT refused(format::errorLine(harmed.error()));
    }
    auto* dialog = new RecoveryDialog(verb(harm, what), std::move(watch), *target->plane, m_page);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

}  // namespace headgate
