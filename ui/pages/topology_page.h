#pragma once

#include "ui/models/topology.h"
#include "ui/pages/table_page.h"

#include <optional>

class QComboBox;
class QPushButton;

namespace headgate {

class Inspector;
class KeyValueList;
class Notice;
class TopologyView;

// How does the picture travel? All streams together or the tree of one, as a picture and as a table; of what is
// selected, what its loss would do.
class TopologyPage : public TablePage
{
    Q_OBJECT

public:
    explicit TopologyPage(PageContext& context, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void reveal(const QString& key) override;  // a box of the topology, or "stream:" and the key of a stream's row
    bool closeInspector() override;            // without an inspector all streams are shown again

    TopologyView& view() const { return *m_view; }
    const std::optional<TopologyStream>& stream() const { return m_stream; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    void select(const QString& key) override;
    void activate(const QString& key) override;

private:
    void buildInspector();
    void offerStreams(const Snapshot& snapshot);
    void chooseStream(const QString& key);  // empty: all
    void showLoss(const Snapshot& snapshot, const TopologyBox& box);
    void openSelected();
    void copyTable();

    std::optional<TopologyStream> m_stream;
    QComboBox* m_streams = nullptr;
    QPushButton* m_copy = nullptr;
    TopologyView* m_view = nullptr;
    Inspector* m_inspector = nullptr;
    Notice* m_loss = nullptr;
    KeyValueList* m_losses = nullptr;
    KeyValueList* m_figures = nullptr;
    KeyValueList* m_carried = nullptr;
    QPushButton* m_open = nullptr;
};

}  // namespace headgate
