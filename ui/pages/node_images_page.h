#pragma once

#include "ui/frame/page.h"

#include <QString>

class QPushButton;

namespace headgate {

class Inspector;
class KeyValueList;
class MeasurementStrip;
class TablePane;
class TextLabel;

// What can a node of each image carry?
class NodeImagesPage : public Page
{
    Q_OBJECT

public:
    explicit NodeImagesPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void reveal(const QString& key) override;  // the image's name
    bool closeInspector() override;

    // Starts a measurement, or takes back the present one.
    void measure();

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onStaleChanged() override;

private:
    void buildInspector();
    void select(const QString& key);
    void showImage(const Snapshot& snapshot);
    void showUses(const NodeImageStatus& status);
    void showHistory(const NodeImageStatus& status);
    void updateActions();
    void keep(const CapacityMeasurement& found);
    void remove();
    SnapshotPtr present() const;
    // The selected image, or the only one there is.
    QString measuredImage() const;

    PageContext& m_context;
    QString m_selected;
    QString m_revealed;
    TablePane* m_pane = nullptr;
    MeasurementStrip* m_strip = nullptr;
    QPushButton* m_measure = nullptr;
    QPushButton* m_delete = nullptr;
    Inspector* m_inspector = nullptr;
    TextLabel* m_description = nullptr;
    TextLabel* m_notMeasured = nullptr;
    TextLabel* m_notUsed = nullptr;
    KeyValueList* m_figures = nullptr;
    KeyValueList* m_uses = nullptr;
    KeyValueList* m_history = nullptr;
};

}  // namespace headgate
