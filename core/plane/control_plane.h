#pragma once

#include "core/base/result.h"
#include "core/domain/audit.h"
#include "core/domain/command.h"
#include "core/domain/metrics.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"

#include <QObject>

#include <functional>
#include <memory>
#include <string>

namespace headgate {

class EngineHost;

enum class LinkState
{
    Connecting,  // no snapshot yet
    Connected,
    Lost,      // trying again by itself; the last snapshot stays
    SignedOut  // the credentials do not hold any more
};

// How the reader stands to the control plane it looks at.
struct Link
{
    LinkState state = LinkState::Connecting;
    std::string address;  // "This machine" or "http://127.0.0.1:5080"
    TimePoint lastHeard;  // of the newest snapshot
    Error error;          // why Lost or SignedOut

    bool operator==(const Link&) const = default;
};

// What console and command line are skins over. Lives on one thread; callbacks and signals come on that thread.
// A callback is called exactly once, also when the object goes away first (then with Unavailable).
class ControlPlane : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    // Null until the first one has come.
    virtual SnapshotPtr snapshot() const = 0;
    virtual Link link() const = 0;

    virtual void submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done) = 0;
    virtual void route(RouteRequest request, std::function<void(Result<std::vector<RouteTarget>>)> done) = 0;
    virtual void readAudit(AuditQuery query, std::function<void(Result<std::vector<AuditRecord>>)> done) = 0;
    virtual void readMetrics(MetricQuery query, std::function<void(Result<std::vector<MetricSeries>>)> done) = 0;

    // Asks the node, which takes some milliseconds. NotFound if the stream is not live in the group or the node does
    // not carry it, Unavailable if the node does not answer within 5 s.
    virtual void readStream(StreamQuery query, std::function<void(Result<StreamDetails>)> done) = 0;

    // As readStream; ResourceExhausted when the node has too many to make, Unsupported for what it cannot decode.
    virtual void readThumbnail(ThumbnailQuery query, std::function<void(Result<Thumbnail>)> done) = 0;

    // Schedules, overlays and what belongs to them. Worth asking when StoredPlan::revision of the last answer is not
    // Snapshot::planRevision.
    virtual void readPlan(std::function<void(Result<StoredPlanPtr>)> done) = 0;

    // Asks again at once instead of waiting for the next attempt.
    virtual void reconnect() = 0;

Q_SIGNALS:
    void snapshotChanged();
    void linkChanged();
};

std::unique_ptr<ControlPlane> makeLocalControlPlane(EngineHost& host);

struct RemoteOptions
{
    std::string url;    // "http://127.0.0.1:5080"
    std::string token;  // JWT from the login call
};

std::unique_ptr<ControlPlane> makeRemoteControlPlane(RemoteOptions options);

// One login call (POST /as/v1/auth/login); `done` gets the token. Unauthenticated if the server refuses.
void signIn(QObject* context, std::string url, std::string user, std::string password,
            std::function<void(Result<std::string>)> done);

}  // namespace headgate
