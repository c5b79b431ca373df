#pragma once

#include "core/domain/snapshot.h"
#include "ui/widgets/card.h"

namespace headgate {

class KeyValueList;

// When the plans of node groups change next. Hidden while none does within a day.
class ComingUpCard : public Card
{
    Q_OBJECT

public:
    static constexpr int mostLines = 3;

    explicit ComingUpCard(QWidget* parent = nullptr);
    void setSnapshot(const Snapshot& snapshot);

Q_SIGNALS:
    void timelineRequested();

private:
    KeyValueList* m_changes = nullptr;
};

}  // namespace headgate
