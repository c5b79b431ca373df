#include "ui/dialogs/trust_dialog.h"

#include "ui/format.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

// In two lines, so that they can be compared with what a terminal shows.
QString twoLines(const QString& fingerprint)
{
    const qsizetype half = fingerprint.indexOf(QLatin1Char(':'), fingerprint.size() / 2 - 1);
    return half < 0 ? fingerprint : fingerprint.left(half + 1) + QLatin1Char('\n') + fingerprint.mid(half + 1);
}

}  // namespace

TrustDialog::TrustDialog(const QString& address, const PresentedAuthority& authority, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Trust this server"));
    setMinimumWidth(scaled(520));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(8);
    const auto addLine = [column](const QString& text, TextRole role, TextTone tone) {
        auto* label = new TextLabel(text, role, tone);
        label->setWordWrap(true);
        column->addWidget(label);
        return label;
    };
    addLine(tr("Is this your control plane?"), TextRole::Heading, TextTone::Primary);
    addLine(tr("The certificate of %1 comes from %2, which this console does not know yet. Its SHA-256 fingerprint:")
                .arg(address, format::text(authority.name)),
            TextRole::Body, TextTone::Primary);
    TextLabel* const fingerprint =
        addLine(twoLines(format::text(authority.fingerprint)), TextRole::BodyStrong, TextTone::Primary);
    fingerprint->setObjectName(QStringLiteral("fingerprint"));
    fingerprint->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    fingerprint->setAccessibleName(tr("Fingerprint"));
    addLine(tr("Compare it with what headgated printed at its start. If it is another one, somebody stands in between: "
               "cancel, and send no password."),
            TextRole::Body, TextTone::Secondary);
    column->addSpacing(8);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* cancel = makeButton(tr("Cancel"), ButtonKind::Ghost);
    auto* trust = makeButton(tr("It is the same: trust it"), ButtonKind::Primary);
    trust->setObjectName(QStringLiteral("trust"));
    trust->setAutoDefault(false);
    row->addStretch();
    row->addWidget(cancel);
    row->addWidget(trust);
    column->addLayout(row);
    cancel->setDefault(true);
    cancel->setFocus();
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(trust, &QPushButton::clicked, this, &QDialog::accept);
}

}  // namespace headgate
