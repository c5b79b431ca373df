#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/stream_watch.h"
#include "ui/pages/metric_trail.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QPushButton;
class QTabBar;

namespace headgate {

class ElidedLabel;
class KeyValueList;
class MetricChart;
class Notice;
class SnapshotTableModel;
class RowFilter;
class TablePane;
class TableView;

// One viewer of a stream, and the node that serves it.
struct ServedViewer
{
    NodeId node;
    StreamKey stream;
    StreamViewer viewer;
};

// What is known of one stream beside its picture: who watches it and how well they follow; tracks, evenness, bit rate.
class StreamDetailsView : public QWidget
{
    Q_OBJECT

public:
    explicit StreamDetailsView(QWidget* parent = nullptr);

    void setControlPlane(ControlPlane* plane);
    void open(const StreamStatus& stream, SnapshotPtr snapshot);
    // The next snapshot; asks the nodes anew. Opens another stream if it is of one.
    void follow(const StreamStatus& stream, SnapshotPtr snapshot);
    // Why nothing can be changed now; empty if it can.
    void setReadOnly(const QString& why);
    void focusFilter();

Q_SIGNALS:
    void closed();
    void disconnectRequested(const headgate::ServedViewer& viewer);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* buildHead();
    QWidget* buildMedia();
    void offerNodes(const StreamStatus& stream);
    void showAll();
    void showViewers();
    void showMedia();
    void showCharts();
    void showFailures();
    void updateButton();
    void requestDisconnect();
    std::optional<ServedViewer> selected() const;

    StreamWatch m_watch;
    MetricTrail m_trail;
    SnapshotPtr m_snapshot;
    NodeGroupName m_group;
    StreamKey m_stream;
    std::vector<NodeId> m_nodes;  // in the order of the choice, after "all"
    QString m_whyReadOnly;
    ElidedLabel* m_title = nullptr;
    QComboBox* m_node = nullptr;
    QPushButton* m_disconnect = nullptr;
    QTabBar* m_tabs = nullptr;
    Notice* m_failure = nullptr;
    QWidget* m_failureFrame = nullptr;
    TablePane* m_viewers = nullptr;
    QWidget* m_media = nullptr;
    SnapshotTableModel* m_trackModel = nullptr;
    TableView* m_tracks = nullptr;
    KeyValueList* m_timing = nullptr;
    MetricChart* m_bitrateChart = nullptr;
    MetricChart* m_jitterChart = nullptr;
};

}  // namespace headgate
