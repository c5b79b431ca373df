#pragma once

#include "core/domain/audit.h"
#include "ui/widgets/card.h"

#include <array>
#include <vector>

namespace headgate {

class ElidedLabel;
class EventLine;

// The newest lines of the audit trail.
class EventsCard : public Card
{
    Q_OBJECT

public:
    explicit EventsCard(QWidget* parent = nullptr);
    static constexpr std::size_t mostLines = 7;  // so many fit beside the charts at 1440 x 900
    static constexpr std::size_t fewLines = 3;   // and so many with another card
    void setMostLines(std::size_t count);
    void setRecords(const std::vector<AuditRecord>& newestFirst);

Q_SIGNALS:
    void allRequested();
    void recordActivated(const QString& sequence);

private:
    void showLines();

    std::size_t m_shownLines = mostLines;
    std::size_t m_known = 0;
    std::array<EventLine*, mostLines> m_lines{};
    ElidedLabel* m_nothing = nullptr;
};

}  // namespace headgate
