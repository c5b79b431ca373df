#pragma once

#include "ui/pages/headroom.h"
#include "ui/shell/tokens.h"
#include "ui/widgets/card.h"

#include <QString>
#include <QWidget>

#include <vector>

namespace headgate {

class Notice;
class TextLabel;

// One line per loss: glyph, what is lost, its share of all sessions as a bar, what happens to them.
class LossList : public QWidget
{
    Q_OBJECT

public:
    explicit LossList(QWidget* parent = nullptr);
    void setLosses(std::vector<LossCase> losses, int sessions);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<LossCase> m_losses;
    int m_sessions = 0;
};

struct HeadroomVerdict
{
    Status status = Status::Off;
    QString headline;  // "Survives 1 node, not region Frankfurt"
    QString detail;

    bool operator==(const HeadroomVerdict&) const = default;
};

HeadroomVerdict headroomVerdict(const std::vector<LossCase>& losses);

// "1,204 of 8,000 seats taken; counted with measured nodes"
QString seatsText(const Seats& seats);

// What the ready nodes of this moment could lose.
class HeadroomCard : public Card
{
    Q_OBJECT

public:
    explicit HeadroomCard(QWidget* parent = nullptr);
    void setSnapshot(const Snapshot& snapshot);

Q_SIGNALS:
    void whatIfRequested();

private:
    Notice* m_verdict = nullptr;
    LossList* m_list = nullptr;
    TextLabel* m_seats = nullptr;
};

}  // namespace headgate
