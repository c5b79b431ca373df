#pragma once

#include "ui/pages/table_page.h"

#include <QString>

class QPushButton;

namespace headgate {

class ImageChangeForm;
class ImageRollStrip;
class Inspector;
class KeyValueList;
class MeasurementStrip;
class TextLabel;
struct GroupRoll;
struct ImageChange;

// What can a node of each image carry?
class NodeImagesPage : public TablePage
{
    Q_OBJECT

public:
    explicit NodeImagesPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;

    // Starts a measurement, or takes back the present one.
    void measure();

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    void showPanel(QWidget* panel) override;

private:
    void buildInspector();
    void showUses(const NodeImageStatus& status);
    void showHistory(const NodeImageStatus& status);
    void updateActions();
    void keep(const CapacityMeasurement& found);
    void remove();
    void askChange(const ImageChange& change);
    // Gives the group the image, and offers the way back.
    void changeImage(const NodeGroup& group, std::uint64_t version, const ImageChange& change);
    void undoRoll(const GroupRoll& roll);
    // The selected image, or the only one there is.
    QString measuredImage() const;

    MeasurementStrip* m_strip = nullptr;
    ImageRollStrip* m_rolls = nullptr;
    ImageChangeForm* m_change = nullptr;
    QPushButton* m_measure = nullptr;
    QPushButton* m_delete = nullptr;
    Inspector* m_inspector = nullptr;
    TextLabel* m_description = nullptr;
    TextLabel* m_notMeasured = nullptr;
    TextLabel* m_notUsed = nullptr;
    TextLabel* m_noHistory = nullptr;
    KeyValueList* m_figures = nullptr;
    KeyValueList* m_uses = nullptr;
    KeyValueList* m_history = nullptr;
    KeyValueList* m_origin = nullptr;
};

}  // namespace headgate
