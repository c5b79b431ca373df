#pragma once

#include "core/base/time.h"
#include "core/domain/recurrence_rule.h"

#include <QWidget>

class QBoxLayout;
class QHBoxLayout;
class QLineEdit;

namespace headgate {

class Segmented;
class TextLabel;

// The line above the timeline: earlier, now, later, what is shown, go to a time; legend and zoom. Two lines where there
// is no room for one.
class TimelineControls : public QWidget
{
    Q_OBJECT

public:
    explicit TimelineControls(QWidget* parent = nullptr);

    void setTitle(const QString& title);
    seconds span() const;
    // Opens the field for a time.
    void askForTime();
    // Goes to what stands in the field, or marks it as wrong.
    void enterTime();

    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void moveRequested(double screens);
    void nowRequested();
    void spanChosen(headgate::seconds span);
    void timeEntered(headgate::LocalTime time);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildMoves();
    void buildZoom();
    int margins() const;

    QBoxLayout* m_parts = nullptr;
    QHBoxLayout* m_moves = nullptr;
    QHBoxLayout* m_zoom = nullptr;
    TextLabel* m_title = nullptr;
    QLineEdit* m_goTo = nullptr;
    Segmented* m_spans = nullptr;
};

}  // namespace headgate
