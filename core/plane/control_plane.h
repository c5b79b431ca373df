#pragma once

#include "core/base/result.h"
#include "core/domain/audit.h"
#include "core/domain/command.h"
#include "core/domain/metrics.h"
#include "core/domain/provision.h"
#include "core/domain/recording.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"
#include "core/domain/usage.h"

#include <QObject>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace headgate {

class AccountDesk;
class Capabilities;
class EngineHost;

namespace native {
struct ShellLines;
}

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
    // What route() would answer a viewer or publisher who comes now, and why; nothing is promised.
    virtual void explainRoute(RouteRequest request, std::function<void(Result<RouteExplanation>)> done) = 0;
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

    // Of all groups. Secrets in their documents are masked.
    virtual void readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done);

    virtual void readRecordings(RecordingQuery query, std::function<void(Result<RecordingPage>)> done);
    // NotFound if there is none, Unavailable while it grows.
    virtual void deleteRecording(RecordingKey key, std::function<void(Result<void>)> done);
    // Writes, reads and deletes a small object there. A masked secret is that of the group.
    virtual void testStore(NodeGroupName nodeGroup, S3Settings store, std::function<void(Result<void>)> done);

    // Asks again at once instead of waiting for the next attempt.
    virtual void reconnect() = 0;

    // What nodes did, day by day; up to a minute ago.
    virtual void readUsage(UsageQuery query, std::function<void(Result<UsageReport>)> done) = 0;

    // Lives as long as this.
    virtual AccountDesk& accounts() = 0;

    // What else than this is refused with Unsupported. Lives as long as this.
    virtual const Capabilities& capabilities() const;

    // What does the same as submit() from a shell, where the control plane is reached at `server` (may be empty).
    // Unsupported where nothing does.
    virtual Result<native::ShellLines> asCommand(const CommandRequest& request, const std::string& server) const;

Q_SIGNALS:
    void snapshotChanged();
    void linkChanged();
};

std::unique_ptr<ControlPlane> makeLocalControlPlane(EngineHost& host);

// What a sign-in gave.
struct SessionCredentials
{
    std::string access;                 // a token that holds for some minutes, or a personal one
    std::string refresh = {};           // for the next one; empty: it cannot be renewed
    std::chrono::seconds accessFor{0};  // from when it was given; 0: not told

    bool operator==(const SessionCredentials&) const = default;
};

struct RemoteOptions
{
    std::string url;  // "http://127.0.0.1:5080"
    SessionCredentials credentials{};
    std::string authorities{};  // certificates in PEM, by which alone an https server is believed; "": the system's
};

// Renews its session in time, as long as the control plane lets it.
std::unique_ptr<ControlPlane> makeRemoteControlPlane(RemoteOptions options);

// One sign-in call. Unauthenticated if the server refuses.
void signIn(QObject* context, RemoteOptions server, std::string user, std::string password,
            std::function<void(Result<SessionCredentials>)> done);

// Who has signed what an https server shows.
struct PresentedAuthority
{
    std::string name;
    std::string fingerprint;  // SHA-256, as headgated prints it at its start
    std::string pem;          // for RemoteOptions::authorities
};

// The authority of a server that is not trusted only because nobody knows that authority. NotFound if it is trusted,
// Unavailable if it cannot be reached or something else is wrong with it.
void askForAuthority(QObject* context, const RemoteOptions& server,
                     std::function<void(Result<PresentedAuthority>)> done);

}  // namespace headgate
