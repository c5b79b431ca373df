#include "core/plane/agent_server.h"

#include "core/base/digest.h"
#include "core/plane/agent_connection.h"
#include "core/plane/client_shares.h"
#include "core/plane/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace headgate {

namespace {

using Clock = AgentConnection::Clock;
using Progress = AgentConnection::Progress;

constexpr std::size_t maxConnections = 10'000;
constexpr std::size_t maxStrangers = 2'000;  // who came by the network and did not say yet who they are
constexpr std::size_t maxStrangersOfOne = 200;
constexpr std::chrono::seconds helloLimit{5};
constexpr int turnMs = 500;  // how often deadlines are looked at

Result<int> openSocket(const std::string& path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorCode::InvalidArgument, "The socket path " + path + " is too long.", "Choose a shorter one.");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ::unlink(path.c_str());
    const bool isListening = descriptor >= 0 &&
                             ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                             ::chmod(path.c_str(), 0600) == 0 && ::listen(descriptor, SOMAXCONN) == 0;
    if (isListening)
        return descriptor;
    const int error = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    return fail(ErrorCode::Unavailable, "Nodes cannot be listened to on " + path + ": " + std::strerror(error) + ".",
                "Check the owner of the directory and the free space on the disk.");
}

Result<int> openNetwork(const AgentNetwork& network)
{
    sockaddr_storage address = {};
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
    if (::inet_pton(AF_INET, network.address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(network.port);
    } else if (::inet_pton(AF_INET6, network.address.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(network.port);
    } else {
        return fail(ErrorCode::InvalidArgument, "\"" + network.address + "\" is no IP address for nodes to come to.");
    }
    const int descriptor = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    const bool isListening = descriptor >= 0 &&
                             ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                             ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                             ::listen(descriptor, SOMAXCONN) == 0;
    if (isListening)
        return descriptor;
    const int error = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    return fail(ErrorCode::Unavailable,
                "Nodes cannot be listened to on " + network.address + " port " + std::to_string(network.port) + ": " +
                    std::strerror(error) + ".",
                "End the program that uses the port, or choose another one.");
}

TimePoint wallNow()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

class AgentServer::Private
{
public:
    Private(AgentServerOptions serverOptions, int listenDescriptor, int networkDescriptor);
    ~Private();

    void run();
    void acceptAll(int from);
    void onReadable(AgentConnection& connection);
    void onHello(AgentConnection& connection, const node_protocol::Hello& hello);
    std::optional<std::string> refusal(const AgentConnection& connection, const node_protocol::Hello& hello) const;
    void refuse(AgentConnection& connection, const std::string& reason);
    void tell(const AgentConnection& connection, const std::string& reason);
    void renewCertificates(Clock::time_point now);
    void deliver(AgentConnection& connection, const node_protocol::ToNode& message);
    void hear(AgentConnection& connection, node_protocol::FromNode message,
              std::optional<node_protocol::Heartbeat>& newest);
    void sendQueued();
    void sendTo(int descriptor, const node_protocol::ToNode& message);
    void ask(NodeQuestion question);
    void flush(AgentConnection& connection);
    void close(int descriptor);
    void closeLateOnes();
    void watch(int descriptor, int operation, unsigned events) const;
    void wake() const;

    const AgentServerOptions options;
    NodeTraffic uncounted;
    NodeTraffic& traffic = options.traffic ? *options.traffic : uncounted;
    const int listener;
    const int networkListener;  // -1: none
    const int poller = ::epoll_create1(EPOLL_CLOEXEC);
    const int wakeDescriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    std::atomic<bool> isStopping = false;
    Clock::time_point nextLook;  // at the deadlines
    Clock::time_point nextTell;
    std::optional<Clock::time_point> acceptAgainAt;  // set while no descriptors are left

    std::map<int, std::unique_ptr<AgentConnection>> connections;  // by descriptor; the server's thread only
    std::map<NodeId, int> connectionOf;
    ClientShares strangers{maxStrangers, maxStrangersOfOne};
    OpenQuestions questions;

    std::mutex mutex;
    std::vector<NodeQuestion> queued;  // guarded by mutex; without `done` what is no question
    std::thread thread;
};

AgentServer::AgentServer(std::unique_ptr<Private> d) : m_d(std::move(d))
{}

AgentServer::~AgentServer()
{
    m_d->isStopping = true;
    m_d->wake();
    m_d->thread.join();
}

Result<std::unique_ptr<AgentServer>> AgentServer::listen(AgentServerOptions options)
{
    const Result<int> listener = openSocket(options.socketPath);
    if (!listener)
        return tl::unexpected(listener.error());
    const Result<int> network = options.network ? openNetwork(*options.network) : Result<int>(-1);
    if (!network) {
        ::close(*listener);
        return tl::unexpected(network.error());
    }
    auto d = std::make_unique<Private>(std::move(options), *listener, *network);
    Private* running = d.get();
    running->thread = std::thread([running] { running->run(); });
    return std::unique_ptr<AgentServer>(new AgentServer(std::move(d)));
}

void AgentServer::send(const NodeId& node, const node_protocol::ToNode& message)
{
    {
        const std::lock_guard lock(m_d->mutex);
        m_d->queued.push_back({node, message, {}});
    }
    m_d->wake();
}

void AgentServer::ask(NodeQuestion question)
{
    {
        const std::lock_guard lock(m_d->mutex);
        m_d->queued.push_back(std::move(question));
    }
    m_d->wake();
}

std::uint16_t AgentServer::networkPort() const
{
    sockaddr_storage address = {};
    socklen_t size = sizeof address;
    if (::getsockname(m_d->networkListener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&address)->sin_port
                                              : reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
}

AgentServer::Private::Private(AgentServerOptions serverOptions, int listenDescriptor, int networkDescriptor)
    : options(std::move(serverOptions)), listener(listenDescriptor), networkListener(networkDescriptor)
{
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    if (networkListener >= 0)
        watch(networkListener, EPOLL_CTL_ADD, EPOLLIN);
    watch(wakeDescriptor, EPOLL_CTL_ADD, EPOLLIN);
}

AgentServer::Private::~Private()
{
    for (NodeQuestion& message : queued) {
        if (message.done)
            ask(std::move(message));
    }
    connections.clear();
    ::close(listener);
    if (networkListener >= 0)
        ::close(networkListener);
    ::close(wakeDescriptor);
    ::close(poller);
}

void AgentServer::Private::watch(int descriptor, int operation, unsigned events) const
{
    epoll_event event = {};
    event.events = events;
    event.data.fd = descriptor;
    ::epoll_ctl(poller, operation, descriptor, &event);
}

void AgentServer::Private::wake() const
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wakeDescriptor, &one, sizeof one);
}

void AgentServer::Private::run()
{
    std::array<epoll_event, 256> events;
    while (!isStopping) {
        const int count = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), turnMs);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.fd == listener || event.data.fd == networkListener) {
                acceptAll(event.data.fd);
                continue;
            }
            if (event.data.fd == wakeDescriptor) {
                std::uint64_t ignored = 0;
                [[maybe_unused]] const ssize_t got = ::read(wakeDescriptor, &ignored, sizeof ignored);
                continue;
            }
            // An event of the same turn may have closed it.
            const auto found = connections.find(event.data.fd);
            if (found == connections.end())
                continue;
            if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                onReadable(*found->second);
            else
                flush(*found->second);
        }
        sendQueued();
        closeLateOnes();
    }
}

void AgentServer::Private::acceptAll(int from)
{
    for (;;) {
        const int descriptor = ::accept4(from, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                // The listener would stay readable and be asked again and again.
                watch(from, EPOLL_CTL_MOD, 0);
                acceptAgainAt = Clock::now() + std::chrono::seconds(1);
            }
            return;
        }
        if (connections.size() - strangers.taken() >= maxConnections) {
            ::close(descriptor);
            continue;
        }
        std::unique_ptr<AgentTls> tls;
        if (from == networkListener)
            tls = std::make_unique<AgentTls>(options.network->tls->context(wallNow()));
        auto connection = std::make_unique<AgentConnection>(descriptor, std::move(tls));
        if (from == networkListener) {
            connection->place = strangers.take(clientIn(connection->peer()).number());
            if (!connection->place)
                continue;
        }
        connections[descriptor] = std::move(connection);
        watch(descriptor, EPOLL_CTL_ADD, EPOLLIN);
    }
}

void AgentServer::Private::onReadable(AgentConnection& connection)
{
    const int descriptor = connection.descriptor();
    std::vector<std::string> messages;
    const Progress progress = connection.receive(messages);
    std::optional<node_protocol::Heartbeat> newest;
    for (const std::string& message : messages) {
        if (connection.isClosing)
            break;
        traffic.bytes += message.size();
        auto decoded = node_protocol::decodeFromNode(message);
        if (!decoded) {
            // Who is known may speak words of a later version; who is not has to say Hello.
            if (connection.node.isEmpty())
                refuse(connection, decoded.error().message);
            continue;
        }
        hear(connection, std::move(*decoded), newest);
    }
    if (newest && !connection.isClosing)
        options.onObservation(NodeHeartbeat{connection.node, std::move(*newest)});
    if (progress == Progress::Open)
        return flush(connection);
    if (connection.tls() != nullptr && !connection.tls()->failure().empty())
        tell(connection, connection.tls()->failure());
    close(descriptor);
}

void AgentServer::Private::hear(AgentConnection& connection, node_protocol::FromNode message,
                                std::optional<node_protocol::Heartbeat>& newest)
{
    if (const auto* hello = std::get_if<node_protocol::Hello>(&message))
        onHello(connection, *hello);
    else if (connection.node.isEmpty())
        refuse(connection, "The first message has to be a hello.");
    else if (auto* heartbeat = std::get_if<node_protocol::Heartbeat>(&message)) {
        newest = std::move(*heartbeat);
        ++traffic.heartbeats;
    } else
        questions.answer(connection.node, std::move(message));
}

std::optional<std::string> AgentServer::Private::refusal(const AgentConnection& connection,
                                                         const node_protocol::Hello& hello) const
{
    if (hello.protocolVersion != node_protocol::version)
        return "The node speaks version " + std::to_string(hello.protocolVersion) +
               " of the protocol, the control plane version " + std::to_string(node_protocol::version) + ".";
    if (connection.tls() != nullptr) {
        const std::string shown = connection.tls()->node();
        if (shown.empty())
            return std::string("A node that comes over the network has to show its certificate.");
        if (shown != hello.node.value)
            return "The certificate is that of node " + shown + ".";
    }
    if (!isSameSecret(hello.credential, options.credentialOf(hello.node)))
        return std::string("The credential does not hold.");
    const auto present = connectionOf.find(hello.node);
    if (present != connectionOf.end() && connections.at(present->second)->incarnation > hello.incarnation)
        return std::string("A newer process of this node is connected.");
    return std::nullopt;
}

void AgentServer::Private::onHello(AgentConnection& connection, const node_protocol::Hello& hello)
{
    if (!connection.node.isEmpty()) {
        refuse(connection, "A hello was said already.");
        return;
    }
    if (const auto reason = refusal(connection, hello)) {
        refuse(connection, *reason);
        return;
    }
    if (const auto present = connectionOf.find(hello.node); present != connectionOf.end())
        close(present->second);
    connection.node = hello.node;
    connection.place.reset();
    connection.incarnation = hello.incarnation;
    connection.renewAt = Clock::now() + LocalAuthority::nodeLifetime / 3;
    connectionOf[hello.node] = connection.descriptor();
    ++traffic.hellos;
    traffic.connected = static_cast<int>(connectionOf.size());
    deliver(connection, node_protocol::Welcome{node_protocol::version, options.pullTokenOf(hello.node)});
    options.onObservation(NodeConnected{hello});
}

void AgentServer::Private::tell(const AgentConnection& connection, const std::string& reason)
{
    if (Clock::now() < nextTell)
        return;
    nextTell = Clock::now() + std::chrono::seconds(1);
    options.network->tell("A node at " + connection.peer() + " is refused: " + reason);
}

// Those who stay connected, too: the next connection may be needed when the certificate has expired.
void AgentServer::Private::renewCertificates(Clock::time_point now)
{
    for (const auto& [node, descriptor] : connectionOf) {
        AgentConnection& connection = *connections.at(descriptor);
        if (connection.tls() == nullptr || now < connection.renewAt)
            continue;
        connection.renewAt = now + LocalAuthority::nodeLifetime / 3;
        options.network->renew(node);
    }
}

void AgentServer::Private::refuse(AgentConnection& connection, const std::string& reason)
{
    if (connection.tls() != nullptr)
        tell(connection, reason);
    deliver(connection, node_protocol::Refused{reason});
    connection.isClosing = true;
}

void AgentServer::Private::deliver(AgentConnection& connection, const node_protocol::ToNode& message)
{
    const std::string frame = node_protocol::frame(node_protocol::encode(message));
    if (connection.queue(frame) == Progress::Closed)
        connection.isClosing = true;
}

void AgentServer::Private::sendQueued()
{
    std::vector<NodeQuestion> messages;
    {
        const std::lock_guard lock(mutex);
        messages.swap(queued);
    }
    for (NodeQuestion& message : messages) {
        if (message.done)
            ask(std::move(message));
        else if (const auto found = connectionOf.find(message.node); found != connectionOf.end())
            sendTo(found->second, message.message);
    }
}

void AgentServer::Private::ask(NodeQuestion question)
{
    const auto found = connectionOf.find(question.node);
    if (found == connectionOf.end()) {
        question.done(fail(ErrorCode::Unavailable, "Node " + question.node.value + " is not connected.",
                           "Look at its state; it connects again by itself if it lives."));
    } else if (const auto message = questions.open(std::move(question), Clock::now())) {
        sendTo(found->second, *message);
    }
}

void AgentServer::Private::sendTo(int descriptor, const node_protocol::ToNode& message)
{
    AgentConnection& connection = *connections.at(descriptor);
    const std::string frame = node_protocol::frame(node_protocol::encode(message));
    if (connection.queue(frame) == Progress::Closed)
        close(descriptor);
    else
        flush(connection);
}

void AgentServer::Private::flush(AgentConnection& connection)
{
    if (connection.flush() == Progress::Closed) {
        close(connection.descriptor());
        return;
    }
    const unsigned input = connection.isClosing ? 0u : static_cast<unsigned>(EPOLLIN);
    const unsigned output = connection.hasOutput() ? static_cast<unsigned>(EPOLLOUT) : 0u;
    watch(connection.descriptor(), EPOLL_CTL_MOD, input | output);
}

void AgentServer::Private::close(int descriptor)
{
    const auto found = connections.find(descriptor);
    const NodeId node = found->second->node;
    connections.erase(found);
    const auto present = connectionOf.find(node);
    if (present == connectionOf.end() || present->second != descriptor)
        return;
    connectionOf.erase(present);
    traffic.connected = static_cast<int>(connectionOf.size());
    questions.giveUp(node, Error{ErrorCode::Unavailable,
                                 "Node " + node.value + " closed its connection before it answered.",
                                 "Look at its state; it connects again by itself if it lives.",
                                 {}});
    options.onObservation(NodeDisconnected{node});
}

void AgentServer::Private::closeLateOnes()
{
    const Clock::time_point now = Clock::now();
    if (now < nextLook)
        return;
    nextLook = now + std::chrono::milliseconds(turnMs);
    questions.expire(now);
    if (acceptAgainAt && now >= *acceptAgainAt) {
        acceptAgainAt.reset();
        watch(listener, EPOLL_CTL_MOD, EPOLLIN);
        if (networkListener >= 0)
            watch(networkListener, EPOLL_CTL_MOD, EPOLLIN);
    }
    renewCertificates(now);
    std::vector<int> late;
    for (const auto& [descriptor, connection] : connections) {
        if (connection->node.isEmpty() && now - connection->openedAt > helloLimit)
            late.push_back(descriptor);
    }
    for (const int descriptor : late) {
        AgentConnection& connection = *connections.at(descriptor);
        if (!connection.isClosing)
            refuse(connection, "No hello came within 5 seconds.");
        // Closed even if the refusal cannot leave.
        connection.flush();
        close(descriptor);
    }
}

}  // namespace headgate
