#pragma once

#include "core/base/result.h"
#include "core/engine/engine.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

// Files in PEM that every node of this machine shows for RTMPS; both empty: no RTMPS.
struct NodeCertificate
{
    std::string file;
    std::string keyFile;
    std::string authoritiesFile;  // by which nodes know each other when they pull over RTMPS; empty: over RTMP
    std::string name;             // what the certificate is for; empty: the address of each node
};

struct ProcessProviderOptions
{
    std::string dataDir;         // absolute; a node lives in nodes/<id> below it, and files/ has what jobs play
    std::string nodeProgram;     // absolute path of headgate-node
    std::string controlAddress;  // what a node is told to connect to: "unix:PATH"
    std::string localNetwork;    // see NodeAddresses
    std::string nodeAddress;
    NodeCertificate certificate;
    std::function<std::string(const NodeId&)> credentialOf;
    std::function<void(const NodeGone&)> onGone;  // on a thread of the provider's own
    std::function<std::string(const NodeId&)>
        networkKeysOf{};  // for a controlAddress that is no socket: --control-keys
};

// Starts nodes as processes of this machine that outlive this one, and finds them again. The truth about which nodes
// run is the list of processes itself: each has its data directory, and with it its id, in its command line.
// For one thread, except onGone.
class ProcessProvider
{
public:
    // InvalidArgument if a network or address cannot be read, Unavailable if the directory cannot be made.
    static Result<std::unique_ptr<ProcessProvider>> make(ProcessProviderOptions options);

    // Nodes keep running.
    ~ProcessProvider();

    // Nodes of this data directory that run now, watched from here on. Ends those that `known` does not name.
    std::vector<ProviderStarted> adopt(const std::vector<Node>& known);

    // Starts the node, or answers with the one of this id that runs already.
    Result<ProviderStarted> start(const LaunchNode& launch);

    // Gives the node new networkKeysOf(). From any thread.
    void renewNetworkKeys(const NodeId& node) const;

    // Asks the node to end, forces it after 5 s. A node that does not run is told to onGone as well.
    void terminate(const TerminateNode& terminate);

    // Asks every watched node to end, forces each after `grace`.
    void terminateAll(Duration grace);

    // Nodes that run and are watched. From any thread.
    int runningCount() const;

private:
    class Private;
    explicit ProcessProvider(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
