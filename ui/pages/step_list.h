#pragma once

#include "ui/pages/cluster_start.h"
#include "ui/widgets/card.h"

#include <vector>

class QVBoxLayout;

namespace headgate {

// How a cluster comes up: each step with its state, what it waits for, and how long it took.
class StepList : public Card
{
    Q_OBJECT

public:
    explicit StepList(QWidget* parent = nullptr);
    void setSteps(const std::vector<StartStep>& steps);

Q_SIGNALS:
    void retryRequested();

private:
    QVBoxLayout* m_lines = nullptr;
};

}  // namespace headgate
