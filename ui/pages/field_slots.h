#pragma once

#include "core/base/result.h"

#include <QString>

#include <map>
#include <string>
#include <vector>

class QVBoxLayout;
class QWidget;

namespace headgate {

class TextLabel;

// The fields of a form by the JSON Pointer of what they hold, each with the place for what is wrong with it.
class FieldSlots
{
public:
    // Label, field, and the message below it, which is hidden while all is well.
    void addField(QVBoxLayout* column, const std::string& pointer, const QString& label, QWidget* field);
    // A field that has its label elsewhere.
    void addMessage(QVBoxLayout* column, const std::string& pointer, QWidget* field);
    // A field whose message stands with that of another pointer.
    void addSharing(const std::string& pointer, QWidget* field, const std::string& message);
    // Forgets the fields below a pointer ("/demand/").
    void drop(const std::string& prefix);

    // Whether a fault at this pointer has a place.
    bool has(const std::string& pointer) const { return find(pointer) != nullptr; }

    // Takes back what was shown before.
    void show(const std::vector<Error>& faults);
    // Puts the focus into the first field that has a fault.
    void focusFirst(const std::vector<Error>& faults) const;

private:
    struct Slot
    {
        QWidget* field = nullptr;  // may be null
        TextLabel* message = nullptr;
    };

    // The slot of the pointer or of the closest one above it.
    const Slot* find(const std::string& pointer) const;

    std::map<std::string, Slot> m_slots;
};

}  // namespace headgate
