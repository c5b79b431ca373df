#pragma once

#include "core/plane/control_plane.h"
#include "ui/models/deployment_draft.h"
#include "ui/models/shell_command.h"

#include <QTimer>
#include <QWidget>

#include <array>
#include <functional>
#include <string>
#include <vector>

class QBoxLayout;
class QPushButton;
class QScrollArea;
class QStackedWidget;

namespace headgate {

class Card;
class ForecastCard;
class ImpactPanel;
class Notice;
class StepRail;
class TextLabel;
class WizardForm;
struct PageContext;

// Name, regions, audience, schedule, review: a deployment from what is expected of it. Nothing changes before Create; a
// step is left forward only when it is right, and what was typed stays.
class DeploymentWizard : public QWidget
{
    Q_OBJECT

public:
    using Answer = std::function<void(Result<CommandOutcome>)>;
    using Sender = std::function<void(Command, Execution, Answer)>;

    DeploymentWizard(Sender send, ShellMaker shell, PageContext& context, QWidget* parent = nullptr);

    // From the first step with an empty draft.
    void begin(SnapshotPtr snapshot);
    void follow(SnapshotPtr snapshot);
    void setReadOnly(const QString& why);

    const DeploymentDraft& draft() const { return m_draft; }
    WizardStep step() const { return m_step; }
    void next();      // or Create in the last step
    bool stepBack();  // false in the first step

Q_SIGNALS:
    void cancelled();
    void created(const QString& name);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildForms();
    QWidget* buildFooter();
    void enter(WizardStep step);
    void onEdited();
    void updateForecast();
    void updateNotes();
    void updateFooter();
    void review();
    void showOutcome(const CommandOutcome& outcome, const std::string& document);
    void create();

    Sender m_send;
    ShellMaker m_shell;
    PageContext& m_context;
    DeploymentDraft m_draft;
    SnapshotPtr m_snapshot;
    WizardStep m_step = WizardStep::Name;
    int m_reached = 0;
    QString m_readOnly;
    std::vector<RegionSize> m_sizes;  // of the last forecast
    bool m_isReviewed = false;        // the dry run went well
    bool m_isCreating = false;
    quint64 m_generation = 0;  // answers to older drafts are dropped
    QTimer m_forecastDelay;
    StepRail* m_rail = nullptr;
    Card* m_form = nullptr;
    QStackedWidget* m_forms = nullptr;
    std::array<WizardForm*, wizardSteps - 1> m_steps{};
    Notice* m_findings = nullptr;
    ImpactPanel* m_impact = nullptr;
    QBoxLayout* m_columns = nullptr;
    QScrollArea* m_forecastArea = nullptr;
    ForecastCard* m_forecast = nullptr;
    TextLabel* m_reason = nullptr;
    QPushButton* m_back = nullptr;
    QPushButton* m_next = nullptr;
};

}  // namespace headgate
