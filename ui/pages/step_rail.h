#pragma once

#include <QString>
#include <QStringList>
#include <QWidget>

#include <vector>

namespace headgate {

// The steps of a wizard, one below the other: those behind with a check and what was said there, the present one
// marked. A step that was reached can be gone to again.
class StepRail : public QWidget
{
    Q_OBJECT

public:
    explicit StepRail(const QStringList& titles, QWidget* parent = nullptr);

    // Steps before `reached` and `reached` itself can be chosen.
    void setCurrent(int index, int reached);
    void setNote(int index, const QString& note);

Q_SIGNALS:
    void chosen(int index);

private:
    class Step;

    std::vector<Step*> m_steps;
};

}  // namespace headgate
