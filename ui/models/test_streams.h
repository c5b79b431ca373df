#pragma once

#include "core/plane/control_plane.h"
#include "ui/shell/media_services.h"

#include <QObject>
#include <QPointer>
#include <QString>

#include <memory>
#include <vector>

namespace headgate {

// The test pictures that this console publishes. When one is cut off (its origin went away) it asks for a new place
// every 2 s until it is stopped. All end with this object.
class TestStreams : public QObject
{
    Q_OBJECT

public:
    enum class State
    {
        Asking,  // for a place to publish to, or connecting
        OnAir,
        Waiting  // failed, tries again by itself; `error` says why
    };

    struct Entry
    {
        NodeGroupName nodeGroup;
        StreamKey stream;
        State state = State::Asking;
        QString url;  // where it publishes; empty while asking
        Error error;  // of the last attempt
    };

    // `media` outlives this object.
    explicit TestStreams(const MediaServices& media, QObject* parent = nullptr);
    ~TestStreams() override;

    // Who is asked for origins; may be null. Another control plane ends what ran for the one before.
    void setControlPlane(ControlPlane* plane);

    // Nothing happens if this stream runs already.
    void start(const NodeGroupName& nodeGroup, const StreamKey& stream);
    void stop(const NodeGroupName& nodeGroup, const StreamKey& stream);

    // In the order of their start.
    std::vector<Entry> entries() const;
    bool isRunning(const NodeGroupName& nodeGroup, const StreamKey& stream) const;

    // "live/test", or "live/test-2" ... if the names before are taken by a live stream or a running one.
    StreamKey freeName(const NodeGroupName& nodeGroup) const;

Q_SIGNALS:
    void changed();

private:
    struct Run;

    Run* find(quint64 serial) const;
    Run* find(const NodeGroupName& nodeGroup, const StreamKey& stream) const;
    void ask(quint64 serial);
    void askForPass(Run& run, const RouteTarget& target);
    void publish(Run& run, const QString& url);
    void retryLater(quint64 serial, const Error& error);

    QPointer<ControlPlane> m_plane;
    const MediaServices& m_media;
    std::vector<std::unique_ptr<Run>> m_runs;
    quint64 m_nextSerial = 1;
};

}  // namespace headgate
