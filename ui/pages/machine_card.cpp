#include "ui/pages/machine_card.h"

#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

TextLabel* wrapped(const QString& text, TextRole role, TextTone tone)
{
    auto* label = new TextLabel(text, role, tone);
    label->setWordWrap(true);
    return label;
}

QWidget* makeLine(const MachineCheck& check)
{
    auto* line = new QWidget;
    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    auto* glyph = new StatusGlyph(check.status);
    row->addWidget(glyph, 0, Qt::AlignTop);
    auto* column = new QVBoxLayout;
    column->setSpacing(1);
    column->addWidget(wrapped(check.title, TextRole::BodyStrong, TextTone::Primary));
    column->addWidget(wrapped(check.meaning, TextRole::Small, TextTone::Secondary));
    if (!check.remedy.isEmpty())
        column->addWidget(wrapped(check.remedy, TextRole::Small, TextTone::Secondary));
    row->addLayout(column, 1);
    return line;
}

}  // namespace

MachineCard::MachineCard(QWidget* parent) : Card(tr("This machine"), parent), m_lines(new QVBoxLayout)
{
    auto* again = makeLink(tr("Check again"));
    addHeaderWidget(again);
    m_lines->setSpacing(14);
    body()->addSpacing(4);
    body()->addLayout(m_lines);
    body()->addStretch();
    connect(again, &QPushButton::clicked, this, &MachineCard::checkAgainRequested);
}

void MachineCard::setFacts(const MachineFacts& facts)
{
    std::vector<MachineCheck> checks = machineChecks(facts);
    if (checks == m_shown)
        return;
    m_shown = std::move(checks);
    while (QLayoutItem* item = m_lines->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const MachineCheck& check : m_shown)
        m_lines->addWidget(makeLine(check));
}

}  // namespace headgate
