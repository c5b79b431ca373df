#pragma once

#include "core/domain/snapshot.h"
#include "ui/pages/field_slots.h"
#include "ui/widgets/inspector.h"

#include <QString>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

class QDoubleSpinBox;
class QLineEdit;
class QPushButton;

namespace headgate {

class ChangePreview;

// The form of one region that is being added or changed.
class RegionEditor : public Inspector
{
    Q_OBJECT

public:
    explicit RegionEditor(QWidget* parent = nullptr);

    // A new one; `name` may be given, as a node group names it already.
    void editNew(const Snapshot& snapshot, const std::string& name = {});
    void editKnown(const RegionStatus& status);
    bool isEditing() const { return m_isEditing; }
    void close();

    // From a click on the map.
    void setPlace(double latitude, double longitude);
    void setReadOnly(const QString& why);
    void showRefusal(const Error& error);

    Region region() const;
    ChangePreview& preview() { return *m_preview; }

Q_SIGNALS:
    void edited();
    // `version`: of the one that is changed; none for a new one.
    void saveRequested(const headgate::Region& region, std::optional<std::uint64_t> version);

private:
    void fill(const Region& region);
    std::vector<Error> faults() const;
    void check();
    void updatePreview();
    void updateSave();
    void save();

    bool m_isEditing = false;
    Region m_before;
    std::optional<std::uint64_t> m_version;
    std::set<std::string> m_taken;
    QString m_readOnly;
    FieldSlots m_slots;
    QLineEdit* m_name = nullptr;
    QLineEdit* m_title = nullptr;
    QDoubleSpinBox* m_latitude = nullptr;
    QDoubleSpinBox* m_longitude = nullptr;
    ChangePreview* m_preview = nullptr;
    QPushButton* m_save = nullptr;
};

}  // namespace headgate
