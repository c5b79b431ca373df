#pragma once

#include "ui/pages/machine_checks.h"
#include "ui/widgets/card.h"

#include <vector>

class QVBoxLayout;

namespace headgate {

// "This machine": each check with its glyph, meaning and remedy, and a way to check again.
class MachineCard : public Card
{
    Q_OBJECT

public:
    explicit MachineCard(QWidget* parent = nullptr);
    void setFacts(const MachineFacts& facts);

Q_SIGNALS:
    void checkAgainRequested();

private:
    std::vector<MachineCheck> m_shown;
    QVBoxLayout* m_lines = nullptr;
};

}  // namespace headgate
