#pragma once

#include "ui/models/coming_changes.h"
#include "ui/widgets/card.h"

namespace headgate {

class KeyValueList;

// When the plan gives pools other bounds, and which. Hidden while none does within a day.
class ComingUpCard : public Card
{
    Q_OBJECT

public:
    static constexpr int mostLines = 2;  // so many fit with the events at 1440 x 900

    explicit ComingUpCard(QWidget* parent = nullptr);
    // Those that are over by `now` are left out.
    void setChanges(const std::vector<ComingChange>& changes, TimePoint now);

Q_SIGNALS:
    void timelineRequested();

private:
    KeyValueList* m_changes = nullptr;
};

}  // namespace headgate
