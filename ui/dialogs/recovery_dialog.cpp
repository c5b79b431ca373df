#include "ui/dialogs/recovery_dialog.h"

#include "core/plane/control_plane.h"
#include "ui/format.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace headgate {

namespace {

constexpr int dialogWidth = 420;

KeyValue row(const QString& name, const std::optional<Duration>& after)
{
    if (!after)
        return {name, RecoveryDialog::tr("not yet"), ValueStyle::Text, Status::Pending};
    return {name, RecoveryDialog::tr("after %1 s").arg(double(after->count()) / 1000, 0, 'f', 1), ValueStyle::Figure,
            Status::Ok};
}

}  // namespace

RecoveryDialog::RecoveryDialog(const QString& title, RecoveryWatch watch, const ControlPlane& plane, QWidget* parent)
    : QDialog(parent), m_title(title), m_watch(std::move(watch)), m_rows(new KeyValueList)
{
    setWindowTitle(tr("Recovery"));
    setMinimumWidth(scaled(dialogWidth));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(8);
    auto* heading = new TextLabel(title, TextRole::Heading);
    heading->setWordWrap(true);
    column->addWidget(heading);
    auto* note = new TextLabel(tr("Counted from the harm, by what the control plane tells about once a second."),
                               TextRole::Small, TextTone::Secondary);
    note->setWordWrap(true);
    column->addWidget(note);
    column->addWidget(m_rows);
    column->addSpacing(8);
    auto* copy = makeButton(tr("Copy"));
    auto* close = makeButton(tr("Close"), ButtonKind::Primary);
    copy->setObjectName(QStringLiteral("copy"));
    close->setObjectName(QStringLiteral("close"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch();
    buttons->addWidget(copy);
    buttons->addWidget(close);
    column->addLayout(buttons);
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    connect(copy, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(recoveryText(m_title, m_watch.times(), m_watch.viewersBefore()));
    });
    connect(&plane, &ControlPlane::snapshotChanged, this, [this, &plane] { look(*plane.snapshot()); });
    showTimes();
}

void RecoveryDialog::look(const Snapshot& snapshot)
{
    m_watch.look(snapshot);
    showTimes();
}

void RecoveryDialog::showTimes()
{
    const RecoveryTimes& times = m_watch.times();
    m_rows->setRows({row(tr("Noticed"), times.noticed),
                     row(tr("As many nodes in service as before"), times.replaced),
                     row(tr("Viewers and streams back"), times.viewersBack),
                     {tr("Viewers before"), format::count(m_watch.viewersBefore()), ValueStyle::Figure, {}}});
}

}  // namespace headgate
