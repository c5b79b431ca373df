#pragma once

#include <QStringList>
#include <QWidget>

#include <vector>

class QHBoxLayout;
class QLineEdit;
class QPushButton;

namespace headgate {

class TextLabel;

// The line above a table: text, chips, and how many rows are left of how many. Esc in the field clears it.
class FilterBar : public QWidget
{
    Q_OBJECT

public:
    FilterBar(const QString& placeholder, const QString& accessibleName, QWidget* parent = nullptr);

    // A chip that is on or off; its facet is in facets() while it is on.
    void addToggle(const QString& facet, const QString& label);
    void setToggleLabel(const QString& facet, const QString& label);

    // A drop-down: `anyLabel` or one of the values; "kind:value" is in facets() while one is chosen.
    void addChoice(const QString& kind, const QString& anyLabel);
    void setChoiceValues(const QString& kind, const QStringList& values);

    void setCount(int shown, int total);
    QString text() const;
    QStringList facets() const;
    void setText(const QString& text);
    void clearAll();
    void focusField();

Q_SIGNALS:
    void changed();

private:
    struct Choice
    {
        QString kind;
        QString anyLabel;
        QString value;
        QPushButton* button = nullptr;
    };
    struct Toggle
    {
        QString facet;
        QPushButton* button = nullptr;
    };

    Choice* findChoice(const QString& kind);
    void choose(const QString& kind, const QString& value);

    QHBoxLayout* m_row = nullptr;
    QLineEdit* m_field = nullptr;
    TextLabel* m_count = nullptr;
    std::vector<Choice> m_choices;
    std::vector<Toggle> m_toggles;
};

}  // namespace headgate
