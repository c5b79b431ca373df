#pragma once

#include "core/plane/control_plane.h"
#include "ui/pages/metric_trail.h"
#include "ui/shell/media_services.h"
#include "ui/widgets/inspector.h"

#include <QDeadlineTimer>
#include <QPointer>
#include <QString>

#include <functional>
#include <optional>

class QComboBox;
class QPushButton;

namespace headgate {

class FigureLabel;
class KeyValueList;
class MetricChart;
class PreviewPlayer;
class RouteTree;
class TextLabel;

// One stream: preview from an edge, figures, the way it takes, viewers over time, addresses to copy.
class StreamInspector : public Inspector
{
    Q_OBJECT

public:
    explicit StreamInspector(const MediaServices& media, QWidget* parent = nullptr);

    void setControlPlane(ControlPlane* plane);

    // Shows the stream; a new one starts its preview.
    void showStream(const StreamStatus& stream, const Snapshot& snapshot);
    // Ends the preview.
    void release();

    // With `isOurs` the stream is a test stream of this console and can be stopped here.
    void setTestStream(bool isOurs);

    // The page shows more of the stream beside the inspector.
    void setDetailsOpen(bool areOpen);

    void setStale(bool stale);
    void togglePreview();
    void copyPlayUrl();
    PreviewPlayer& player() { return *m_player; }

Q_SIGNALS:
    void nodeActivated(const QString& nodeId);
    void stopTestStreamRequested();
    void detailsRequested();
    void snippetsRequested();
    void copied(const QString& what);

private:
    QWidget* buildFigures();
    QWidget* buildProtocols();
    void buildFooter();
    void askForPreview();
    void checkPreviewNode(const Snapshot& snapshot);
    void preview(const RouteTarget& edge);
    QString previewUrl(const NodeEndpoints& endpoints);  // by the protocol that is chosen
    void askForEdge(std::function<void(const RouteTarget&)> found);
    RouteRequest routeRequest() const;
    void explainRoute();
    void copyPublishUrl();
    void copy(const QString& url, const QString& what);
    void updateChart();

    QPointer<ControlPlane> m_plane;
    MetricTrail m_trail;
    NodeGroupName m_group;
    StreamKey m_key;
    NodeEndpoints m_originEndpoints;
    NodeId m_previewNode;                     // edge that the preview comes from
    std::optional<QDeadlineTimer> m_passEnd;  // of the pass that the preview began with, if it needs one
    bool m_isAsking = false;
    bool m_isStale = false;
    PreviewPlayer* m_player = nullptr;
    QComboBox* m_protocol = nullptr;
    TextLabel* m_previewProblem = nullptr;
    FigureLabel* m_viewers = nullptr;
    FigureLabel* m_ingest = nullptr;
    FigureLabel* m_frames = nullptr;
    FigureLabel* m_keyFrames = nullptr;
    RouteTree* m_route = nullptr;
    MetricChart* m_chart = nullptr;
    QPushButton* m_details = nullptr;
    QPushButton* m_copyPlay = nullptr;
    QPushButton* m_copyPublish = nullptr;
    QPushButton* m_stopTest = nullptr;
};

}  // namespace headgate
