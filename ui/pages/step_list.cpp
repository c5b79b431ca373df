#include "ui/pages/step_list.h"

#include "ui/format.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

Status statusOf(const StartStep& step)
{
    switch (step.state) {
    case StepState::Waiting:
        return Status::Off;
    case StepState::Running:
        return step.error.message.empty() ? Status::Pending : Status::Warning;
    case StepState::Done:
        return Status::Ok;
    case StepState::Failed:
        return Status::Critical;
    }
    return Status::Off;
}

QString timeOf(const StartStep& step)
{
    if (step.state == StepState::Done)
        return format::milliseconds(step.took.count());
    return step.state == StepState::Running ? StepList::tr("now") : QString();
}

QWidget* makeLine(const StartStep& step, QPushButton* retry)
{
    auto* line = new QWidget;
    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    row->addWidget(new StatusGlyph(statusOf(step)), 0, Qt::AlignTop);
    auto* column = new QVBoxLayout;
    column->setSpacing(1);
    const bool isWaiting = step.state == StepState::Waiting;
    column->addWidget(
        new TextLabel(step.title, TextRole::BodyStrong, isWaiting ? TextTone::Tertiary : TextTone::Primary));
    if (!step.detail.isEmpty())
        column->addWidget(new TextLabel(step.detail, TextRole::Small, TextTone::Secondary));
    if (!step.error.message.empty()) {
        const TextTone tone = step.state == StepState::Failed ? TextTone::Critical : TextTone::Warning;
        auto* error = new TextLabel(format::errorLine(step.error), TextRole::Small, tone);
        error->setWordWrap(true);
        column->addWidget(error);
    }
    row->addLayout(column, 1);
    auto* time = new FigureLabel(TextRole::Small);
    time->setText(timeOf(step));
    time->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row->addWidget(time, 0, Qt::AlignTop);
    if (retry)
        row->addWidget(retry, 0, Qt::AlignTop);
    return line;
}

}  // namespace

StepList::StepList(QWidget* parent) : Card(tr("Starting your cluster"), parent), m_lines(new QVBoxLayout)
{
    m_lines->setSpacing(14);
    body()->addSpacing(4);
    body()->addLayout(m_lines);
    body()->addStretch();
}

void StepList::setSteps(const std::vector<StartStep>& steps)
{
    while (QLayoutItem* item = m_lines->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const StartStep& step : steps) {
        QPushButton* retry = nullptr;
        if (step.state == StepState::Failed) {
            retry = makeLink(tr("Try again"));
            connect(retry, &QPushButton::clicked, this, &StepList::retryRequested);
        }
        m_lines->addWidget(makeLine(step, retry));
    }
}

}  // namespace headgate
