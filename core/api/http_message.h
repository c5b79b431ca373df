#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace headgate::http {

enum class Method
{
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Other
};

// One whole request. Header fields that nobody reads are dropped; an absent field is empty.
struct Request
{
    Method method = Method::Get;
    std::string path;   // as sent, still percent-encoded, begins with '/' or is "*"
    std::string query;  // as sent, without '?'
    std::string host;
    std::string origin;
    std::string authorization;
    std::string contentType;
    std::string accept;
    std::string ifMatch;
    std::string ifNoneMatch;
    std::string requestId;
    std::string idempotencyKey;
    std::string lastEventId;
    std::string preflightMethod;  // Access-Control-Request-Method
    std::string body;
    std::string remoteAddress;  // of the client, without the port
    bool isWebSocketUpgrade = false;
};

struct Response
{
    int status = 200;
    std::string contentType = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

// Gives the answer of one request. May be called from any thread, also when connection or server have gone; only the
// first call counts.
using Reply = std::function<void(Response)>;

// The answer comes later: `start` is called at once with where to send it.
struct Deferred
{
    std::function<void(Reply)> start;
};

struct FeedItem
{
    std::string position;  // where a reader who has it goes on; no line breaks
    std::string text;      // no line breaks
};

// What one reader of events gets. The server asks for the next item only when the one before has left, so that a slow
// reader never grows a queue. Called on the connection's thread.
class Feed
{
public:
    virtual ~Feed() = default;

    // Null if there is nothing now; then the server asks again after a wake.
    virtual std::shared_ptr<const FeedItem> next() = 0;
};

// A conversation in texts: next() gives what is said to the client. Called on the connection's thread.
class Dialogue : public Feed
{
public:
    // One message of the client, of Limits::messageBytes at most.
    virtual void heard(std::string_view text) = 0;

    // About once a second.
    virtual void tick() = 0;

    // The client has said nothing for Limits::idleTimeout; called with every tick from then on.
    virtual void silent() = 0;

    // The server stops, and closes the connection for no other reason.
    virtual void serverStops() = 0;

    // The server closes the connection as soon as all is said.
    virtual bool isOver() const = 0;
};

// Tells the server that next() has something. May be called from any thread, also after the connection has gone.
using Wake = std::function<void()>;

// The connection becomes one that only gets items, and which the server closes when `isOver` says so, which it asks
// about once a second: nobody listens longer than his token holds.
struct Upgrade
{
    enum class Form
    {
        WebSocket,
        EventStream,
        Dialogue  // over a WebSocket; what is opened is one
    };

    std::function<std::unique_ptr<Feed>(Wake)> open;
    std::function<bool()> isOver;
    Form form = Form::WebSocket;
    Response head;  // its fields stand before an event stream
};

using Answer = std::variant<Response, Deferred, Upgrade>;

}  // namespace headgate::http
