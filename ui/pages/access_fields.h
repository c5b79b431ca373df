#pragma once

#include "core/domain/access_settings.h"
#include "ui/pages/field_slots.h"

#include <QWidget>

class QVBoxLayout;

namespace headgate {

// Who may publish and watch, and who is told of it: the fields of a group's access settings, which it writes into.
class AccessFields : public QWidget
{
    Q_OBJECT

public:
    // The settings must outlive the fields.
    explicit AccessFields(AccessSettings& settings, QWidget* parent = nullptr);

    // With pointers into the settings; takes back what was shown before.
    void showFaults(const std::vector<Error>& faults) { m_slots.show(faults); }
    bool hasField(const std::string& pointer) const { return m_slots.has(pointer); }

Q_SIGNALS:
    void edited();

private:
    void rebuild();
    void rebuildLater();
    void addKind(QVBoxLayout* column);
    void addRoundTrip(QVBoxLayout* column);
    void addJwt(QVBoxLayout* column);
    void addWebhooks(QVBoxLayout* column);
    void addText(QVBoxLayout* column, const QString& label, const char* pointer, std::string& value);
    void addSecret(QVBoxLayout* column, const QString& label, const char* pointer, std::string& value);

    AccessSettings& m_settings;
    QWidget* m_fields = nullptr;
    FieldSlots m_slots;
};

}  // namespace headgate
