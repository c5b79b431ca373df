#include "ui/pages/deployment_wizard.h"

#include "core/wire/deployment_document.h"
#include "ui/format.h"
#include "ui/frame/page.h"
#include "ui/models/places.h"
#include "ui/models/shell_command.h"
#include "ui/pages/audience_form.h"
#include "ui/pages/forecast_card.h"
#include "ui/pages/impact_panel.h"
#include "ui/pages/step_rail.h"
#include "ui/pages/wizard_steps.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int forecastDelayMs = 150;
constexpr int forecastWidth = 332;
constexpr int forecastHeight = 200;  // below the form, where the page is too narrow for both
constexpr int narrowPage = 1200;

struct StepWords
{
    QString title;
    QString question;
};

std::array<StepWords, wizardSteps> stepWords()
{
    return {{{DeploymentWizard::tr("Name"), DeploymentWizard::tr("What is it called, and what runs in it?")},
             {DeploymentWizard::tr("Regions"), DeploymentWizard::tr("Where do people publish and watch?")},
             {DeploymentWizard::tr("Audience"), DeploymentWizard::tr("How many do you expect, and of what picture?")},
             {DeploymentWizard::tr("Schedule"), DeploymentWizard::tr("When does it run?")},
             {DeploymentWizard::tr("Review"), DeploymentWizard::tr("What happens when it is created?")}}};
}

std::size_t indexOf(WizardStep step)
{
    return static_cast<std::size_t>(step);
}

DeploymentDraft freshDraft(const Snapshot& snapshot, const QTimeZone& zone)
{
    DeploymentDraft draft;
    if (!snapshot.nodeImages.empty())
        draft.image = snapshot.nodeImages.front().record.name;
    if (!snapshot.nodeGroups.empty())
        draft.platform = snapshot.nodeGroups.front().group.cloudPlatform;
    if (!snapshot.defaultRegion.empty())
        draft.demand.push_back({snapshot.defaultRegion, 1, 1000});
    draft.window.zone = format::utf8(QString::fromLatin1(zone.id()));
    draft.window.day = LocalDay(std::chrono::floor<std::chrono::days>(snapshot.takenAt).time_since_epoch());
    return draft;
}

QString scheduleWords(const RunWindow& window)
{
    switch (window.times) {
    case RunTimes::Always:
        return DeploymentWizard::tr("always");
    case RunTimes::Weekly:
        return DeploymentWizard::tr("every week");
    case RunTimes::Once:
        return DeploymentWizard::tr("once");
    }
    return {};
}

}  // namespace

DeploymentWizard::DeploymentWizard(Sender send, ShellMaker shell, PageContext& context, QWidget* parent)
    : QWidget(parent), m_send(std::move(send)), m_shell(std::move(shell)), m_context(context)
{
    setAccessibleName(tr("New deployment"));
    QStringList titles;
    for (const StepWords& words : stepWords())
        titles << words.title;
    m_rail = new StepRail(titles);
    buildForms();
    m_forecast = new ForecastCard;
    m_forecastArea = new QScrollArea;
    m_forecastArea->setWidgetResizable(true);
    m_forecastArea->setFrameShape(QFrame::NoFrame);
    m_forecastArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_forecastArea->setFocusPolicy(Qt::NoFocus);
    m_forecastArea->setWidget(m_forecast);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight);
    m_columns->setSpacing(16);
    m_form = new Card;
    m_form->body()->addWidget(m_forms, 1);
    m_columns->addWidget(m_form, 1);
    m_columns->addWidget(m_forecastArea);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(20, 4, 20, 12);
    row->setSpacing(16);
    row->addWidget(m_rail);
    row->addLayout(m_columns, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(row, 1);
    column->addWidget(makeSeparator());
    column->addWidget(buildFooter());
    m_forecastDelay.setSingleShot(true);
    m_forecastDelay.setInterval(forecastDelayMs);
    connect(&m_forecastDelay, &QTimer::timeout, this, &DeploymentWizard::updateForecast);
    connect(m_rail, &StepRail::chosen, this, [this](int index) {
        if (index <= m_reached && !m_isCreating)
            enter(static_cast<WizardStep>(index));
    });
}

void DeploymentWizard::buildForms()
{
    m_steps = {new NameForm(m_draft), new RegionsForm(m_draft), new AudienceForm(m_draft), new RunTimesForm(m_draft)};
    m_forms = new QStackedWidget;
    for (WizardForm* form : m_steps) {
        m_forms->addWidget(form);
        connect(form, &WizardForm::edited, this, &DeploymentWizard::onEdited);
    }
    auto* last = new QWidget;
    auto* column = new QVBoxLayout(last);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    m_findings = new Notice;
    m_findings->setObjectName(QStringLiteral("findings"));
    m_findings->hide();
    m_impact = new ImpactPanel;
    column->addWidget(m_findings);
    column->addWidget(m_impact, 1);
    m_forms->addWidget(last);
}

QWidget* DeploymentWizard::buildFooter()
{
    auto* footer = new QWidget;
    auto* cancel = makeButton(tr("Cancel"), ButtonKind::Ghost);
    cancel->setObjectName(QStringLiteral("cancelWizard"));
    m_reason = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_back = makeButton(tr("Back"));
    m_back->setObjectName(QStringLiteral("wizardBack"));
    m_next = makeButton(tr("Next"), ButtonKind::Primary);
    m_next->setObjectName(QStringLiteral("wizardNext"));
    auto* row = new QHBoxLayout(footer);
    row->setContentsMargins(20, 12, 20, 14);
    row->setSpacing(10);
    row->addWidget(cancel);
    row->addStretch();
    row->addWidget(m_reason);
    row->addWidget(m_back);
    row->addWidget(m_next);
    connect(cancel, &QPushButton::clicked, this, &DeploymentWizard::cancelled);
    connect(m_back, &QPushButton::clicked, this, &DeploymentWizard::stepBack);
    connect(m_next, &QPushButton::clicked, this, &DeploymentWizard::next);
    return footer;
}

void DeploymentWizard::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool isNarrow = width() < scaled(narrowPage);
    m_columns->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_forecastArea->setMinimumWidth(isNarrow ? 0 : scaled(forecastWidth));
    m_forecastArea->setMaximumWidth(isNarrow ? QWIDGETSIZE_MAX : scaled(forecastWidth));
    m_forecastArea->setMaximumHeight(isNarrow ? scaled(forecastHeight) : QWIDGETSIZE_MAX);
}

void DeploymentWizard::begin(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    m_draft = freshDraft(*m_snapshot, m_context.settings.deploymentZone());
    m_reached = 0;
    m_isCreating = false;
    ++m_generation;
    enter(WizardStep::Name);
}

// The draft stays what it was; the next forecast and check go by the new data.
void DeploymentWizard::follow(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
}

void DeploymentWizard::setReadOnly(const QString& why)
{
    m_readOnly = why;
    updateFooter();
}

void DeploymentWizard::enter(WizardStep step)
{
    m_step = step;
    m_reached = std::max(m_reached, static_cast<int>(step));
    m_rail->setCurrent(static_cast<int>(step), m_reached);
    const StepWords words = stepWords()[indexOf(step)];
    m_form->setTitle(words.title);
    m_form->setNote(words.question);
    m_forms->setCurrentIndex(static_cast<int>(step));
    if (step != WizardStep::Review) {
        m_steps[indexOf(step)]->load(*m_snapshot);
        m_steps[indexOf(step)]->showFaults({});
    }
    updateNotes();
    updateForecast();
    updateFooter();
    if (step == WizardStep::Review)
        review();
}

void DeploymentWizard::onEdited()
{
    ++m_generation;
    m_isReviewed = false;
    m_reached = static_cast<int>(m_step);  // what comes after is to be looked at again
    m_rail->setCurrent(static_cast<int>(m_step), m_reached);
    m_steps[indexOf(m_step)]->showFaults({});
    updateNotes();
    updateFooter();
    m_forecastDelay.start();
}

void DeploymentWizard::next()
{
    if (m_step == WizardStep::Review) {
        create();
        return;
    }
    WizardForm* form = m_steps[indexOf(m_step)];
    const std::vector<Error> faults = faultsOf(m_draft, m_step, *m_snapshot);
    form->showFaults(faults);
    form->focusFault(faults);
    m_reason->setText(faults.empty() ? QString()
                                     : tr("%n fault(s) to correct here", nullptr, static_cast<int>(faults.size())));
    if (faults.empty())
        enter(static_cast<WizardStep>(static_cast<int>(m_step) + 1));
}

bool DeploymentWizard::stepBack()
{
    if (m_step == WizardStep::Name || m_isCreating)
        return false;
    enter(static_cast<WizardStep>(static_cast<int>(m_step) - 1));
    return true;
}

void DeploymentWizard::updateForecast()
{
    m_forecastDelay.stop();
    if (m_draft.demand.empty()) {
        m_forecast->showNothing(tr("Choose regions: their nodes are worked out here."));
        return;
    }
    const auto found = forecast(m_draft, *m_snapshot, m_context.zones);
    if (found) {
        m_sizes = found->sizes;
        m_forecast->showForecast(*found, m_draft, *m_snapshot);
    } else if (m_draft.name.empty()) {
        m_forecast->showNothing(tr("What it needs is worked out as you go on."));
    } else {
        m_forecast->showProblem(found.error());
    }
}

void DeploymentWizard::updateNotes()
{
    std::int64_t viewers = 0;
    for (const RegionDemand& demand : m_draft.demand)
        viewers += demand.viewers;
    const auto regions = static_cast<int>(m_draft.demand.size());
    m_rail->setNote(0, format::text(m_draft.name));
    m_rail->setNote(1, regions == 0 ? QString() : tr("%n region(s)", nullptr, regions));
    m_rail->setNote(2, m_reached < 2 ? QString() : tr("%1 viewers").arg(format::count(viewers)));
    m_rail->setNote(3, m_reached < 3 ? QString() : scheduleWords(m_draft.window));
}

void DeploymentWizard::updateFooter()
{
    const bool isReview = m_step == WizardStep::Review;
    m_back->setEnabled(m_step != WizardStep::Name && !m_isCreating);
    m_next->setText(isReview ? tr("Create deployment") : tr("Next"));
    QString whyNot;
    if (isReview)
        whyNot = !m_readOnly.isEmpty() ? m_readOnly
                 : m_isCreating        ? tr("It is being created")
                 : m_isReviewed        ? QString()
                                       : tr("The preview has to go well first");
    m_reason->setText(whyNot);
    m_next->setEnabled(whyNot.isEmpty());
    m_next->setToolTip(whyNot);
}

void DeploymentWizard::review()
{
    m_isReviewed = false;
    updateFooter();
    const CreateDeployment command = commandOf(m_draft, m_sizes);
    const nlohmann::json document = native::toJson(command);
    m_impact->setCommand([this, command] { return m_shell({command}); }, format::text(groupNameOf(m_draft)));
    m_impact->showNothingChanged();
    m_findings->hide();
    const QPointer<DeploymentWizard> self(this);
    m_send(command, Execution::DryRun,
           [self, generation = m_generation, document = document.dump()](Result<CommandOutcome> outcome) {
               if (!self || generation != self->m_generation || self->m_step != WizardStep::Review)
                   return;
               self->m_isReviewed = outcome.has_value();
               if (outcome)
                   self->showOutcome(*outcome, document);
               else
                   self->m_impact->showRefusal(outcome.error());
               self->updateFooter();
           });
}

void DeploymentWizard::showOutcome(const CommandOutcome& outcome, const std::string& document)
{
    // That everything of it is new goes without saying, and its windows stand beside.
    CommandOutcome shown = outcome;
    shown.changes.clear();
    shown.plan = {};
    m_impact->showOutcome(shown, document, m_snapshot->takenAt);
    QStringList sentences;
    for (const PlanFinding& finding : outcome.plan.findings)
        sentences << format::text(finding.sentence);
    sentences.removeDuplicates();
    m_findings->setContent(Status::Warning, tr("%n thing(s) to know", nullptr, static_cast<int>(sentences.size())),
                           sentences.join(QLatin1Char('\n')));
    m_findings->setVisible(!sentences.isEmpty());
}

void DeploymentWizard::create()
{
    if (!m_next->isEnabled())
        return;
    m_isCreating = true;
    updateFooter();
    const QPointer<DeploymentWizard> self(this);
    m_send(commandOf(m_draft, m_sizes), Execution::Commit,
           [self, name = format::text(m_draft.name)](Result<CommandOutcome> outcome) {
               if (!self)
                   return;
               self->m_isCreating = false;
               if (outcome) {
                   Q_EMIT self->created(name);
                   return;
               }
               self->m_impact->showRefusal(outcome.error());
               self->updateFooter();
           });
}

}  // namespace headgate
