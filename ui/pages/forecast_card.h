#pragma once

#include "ui/models/deployment_draft.h"
#include "ui/widgets/card.h"

namespace headgate {

class KeyValueList;
class Notice;
class PlanSteps;
class TextLabel;

// What a draft leads to: nodes by region, when they run, how many hours that makes and what it costs.
class ForecastCard : public Card
{
    Q_OBJECT

public:
    explicit ForecastCard(QWidget* parent = nullptr);

    void showForecast(const DraftForecast& forecast, const DeploymentDraft& draft, const Snapshot& snapshot);
    // Not yet: nothing was said of the audience, or it cannot be.
    void showNothing(const QString& why);
    void showProblem(const Error& error);

private:
    void showContent(bool isShown);

    TextLabel* m_nothing = nullptr;
    Notice* m_problem = nullptr;
    QWidget* m_content = nullptr;
    KeyValueList* m_nodes = nullptr;
    TextLabel* m_basis = nullptr;
    PlanSteps* m_steps = nullptr;
    KeyValueList* m_windows = nullptr;
    KeyValueList* m_hours = nullptr;
};

}  // namespace headgate
