#include "ui/pages/plan_editor.h"

#include "ui/format.h"
#include "ui/pages/forecast_view.h"
#include "ui/pages/overlay_form.h"
#include "ui/pages/plan_schedule_form.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int pauseMs = 250;
constexpr int widthPx = 400;

}  // namespace

PlanEditor::PlanEditor(ZoneLoader zones, QWidget* parent) : Inspector(parent), m_zones(std::move(zones))
{
    setMinimumWidth(scaled(widthPx));
    m_refusal = new Notice;
    m_refusal->hide();
    m_formPlace = new QWidget;
    auto* place = new QVBoxLayout(m_formPlace);
    place->setContentsMargins(0, 0, 0, 0);
    m_forecast = new ForecastView;
    body()->addWidget(m_refusal);
    body()->addWidget(m_formPlace);
    body()->addWidget(makeSeparator());
    body()->addWidget(m_forecast);
    body()->addStretch();
    auto* discard = makeButton(tr("Discard"));
    discard->setObjectName(QStringLiteral("discard"));
    m_apply = makeButton(tr("Apply"), ButtonKind::Primary);
    m_apply->setObjectName(QStringLiteral("apply"));
    footer()->addWidget(discard);
    footer()->addStretch();
    footer()->addWidget(m_apply);
    m_pause.setSingleShot(true);
    m_pause.setInterval(pauseMs);
    connect(&m_pause, &QTimer::timeout, this, &PlanEditor::ask);
    connect(discard, &QPushButton::clicked, this, &PlanEditor::discarded);
    connect(this, &Inspector::closeRequested, this, &PlanEditor::discarded);
    connect(m_apply, &QPushButton::clicked, this, &PlanEditor::applyRequested);
}

void PlanEditor::edit(const PlanItem& item, std::optional<PlanItem> before, std::uint64_t version,
                      PlanEditorGround ground)
{
    m_ground = std::move(ground);
    m_before = std::move(before);
    m_version = version;
    m_last.reset();
    m_refusal->hide();
    m_forecast->showNothing();
    const PlanFormContext context{*m_ground.snapshot, m_ground.plans->document};
    const bool isNew = !m_before.has_value();
    if (const auto* overlay = std::get_if<Overlay>(&item)) {
        setTitle(isNew ? tr("New overlay") : tr("Overlay %1").arg(format::text(overlay->name)));
        replaceForm(new OverlayForm(*overlay, context, m_zones));
    } else {
        const auto& schedule = std::get<Schedule>(item);
        setTitle(isNew ? tr("New schedule") : tr("Schedule %1").arg(format::text(schedule.name)));
        replaceForm(new PlanScheduleForm(schedule, context));
    }
    setPills({{Status::Pending, tr("Draft"), false}});
    updateApply();
    ask();
}

void PlanEditor::replaceForm(PlanForm* form)
{
    delete m_form;
    m_form = form;
    m_isBroken = false;
    if (!form)
        return;
    m_formPlace->layout()->addWidget(form);
    connect(form, &PlanForm::edited, this, &PlanEditor::later);
}

void PlanEditor::close()
{
    m_pause.stop();
    m_job.drop();
    replaceForm(nullptr);
}

void PlanEditor::setGround(PlanEditorGround ground)
{
    m_ground = std::move(ground);
    if (m_form)
        later();
}

bool PlanEditor::isChanged() const
{
    return m_form && m_before != m_form->item();
}

PlanItem PlanEditor::item() const
{
    return m_form->item();
}

bool PlanEditor::setTimes(const PlanItemKey& overlay, Instant from, Instant to)
{
    auto* form = qobject_cast<OverlayForm*>(m_form);
    if (!form || keyOf(form->item()) != overlay)
        return false;
    form->setTimes(from, to);
    ask();
    return true;
}

void PlanEditor::showWindow(LocalTime occurrence)
{
    auto* form = qobject_cast<PlanScheduleForm*>(m_form);
    if (!form)
        return;
    QWidget* fields = form->changeOccurrence(occurrence);
    fields->setFocus();
    // Its place is known when the form is laid out.
    QTimer::singleShot(0, fields, [this, fields] {
        if (auto* scroll = findChild<QScrollArea*>())
            scroll->ensureWidgetVisible(fields, 0, scaled(60));
    });
}

void PlanEditor::later()
{
    m_pause.start();
    updateApply();
}

// The answer comes from another thread; the form stays alive meanwhile.
void PlanEditor::ask()
{
    m_pause.stop();
    if (!m_form)
        return;
    if (const std::vector<Error> problems = m_form->problems(); !problems.empty()) {
        PlanForecast broken;
        broken.errors = problems;
        m_job.drop();
        show(broken);
        return;
    }
    const PlanItem item = m_form->item();
    m_job.run([this, item, ground = m_ground, zones = m_zones]() -> BackgroundJob::Finish {
        PlanForecast found = forecast(*ground.plans, *ground.snapshot, keyOf(item), item, zones);
        return [this, found = std::move(found)] { show(found); };
    });
}

void PlanEditor::show(const PlanForecast& forecast)
{
    m_last = forecast;
    m_isBroken = !forecast.errors.empty();
    if (m_form)
        m_form->showErrors(forecast.errors);
    if (m_isBroken)
        m_forecast->showNothing();
    else
        m_forecast->showForecast(forecast, m_ground.eventZone, m_ground.myZone);
    std::vector<Pill> pills = {{Status::Pending, tr("Draft"), false}};
    if (!forecast.conflicts.empty())
        pills.push_back({Status::Warning, tr("%n conflict(s)", nullptr, static_cast<int>(forecast.conflicts.size()))});
    setPills(pills);
    updateApply();
    if (!m_isBroken)
        Q_EMIT changed();
}

void PlanEditor::showRefusal(const Error& error)
{
    const format::ErrorWords words = format::error(error);
    m_refusal->setContent(Status::Critical, words.title, format::errorLine(error));
    m_refusal->show();
}

void PlanEditor::setReadOnly(const QString& why)
{
    m_whyReadOnly = why;
    updateApply();
}

void PlanEditor::updateApply()
{
    QString why = m_whyReadOnly;
    if (why.isEmpty() && m_isBroken)
        why = tr("There is an error in the form.");
    if (why.isEmpty() && m_form && m_before == m_form->item())
        why = tr("Nothing is changed yet.");
    m_apply->setEnabled(why.isEmpty());
    m_apply->setToolTip(why);
}

}  // namespace headgate
