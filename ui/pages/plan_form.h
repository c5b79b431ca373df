#pragma once

#include "core/base/result.h"
#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"

#include <QWidget>

#include <map>
#include <string>
#include <vector>

class QLineEdit;
class QVBoxLayout;

namespace headgate {

class Notice;
class TextLabel;
struct Snapshot;

// What the forms need of the world.
struct PlanFormContext
{
    const Snapshot& snapshot;
    const PlanDocument& document;  // the plan as saved
};

// A form for one item of the plan: labelled fields, each with room for what is wrong with it below.
class PlanForm : public QWidget
{
    Q_OBJECT

public:
    explicit PlanForm(QWidget* parent = nullptr);

    // As the fields say now; it need not keep the rules.
    virtual PlanItem item() const = 0;

    // What the fields cannot even say: text that is no time or no rule. With pointers as in showErrors().
    virtual std::vector<Error> problems() const { return {}; }

    // Each below the field of its pointer ("/timing/zone"), or the nearest field above it; the rest on top.
    void showErrors(const std::vector<Error>& errors);

Q_SIGNALS:
    void edited();

protected:
    QVBoxLayout* column() const { return m_column; }
    void addSection(const QString& title);
    void addField(const QString& label, QWidget* field, const std::string& pointer);
    // For a field that stands elsewhere.
    void addMessage(QVBoxLayout* column, QWidget* field, const std::string& pointer);

private:
    struct Slot
    {
        QWidget* field;
        TextLabel* message;
    };

    QVBoxLayout* m_column = nullptr;
    Notice* m_general = nullptr;
    std::map<std::string, Slot> m_slots;
};

}  // namespace headgate
