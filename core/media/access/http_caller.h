#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/media/net/event_loop.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

struct HttpCall
{
    std::string url;
    std::vector<std::string> headers;  // "Name: value"
    std::string body;                  // JSON text
    Duration timeout{0};               // from the moment it is asked for
};

struct HttpReply
{
    int status = 0;
    std::string body;
};

// Posts JSON to services over http and https on a thread of its own, so that no event loop waits for a name, a
// handshake or an answer. Redirects are not followed, proxies of the environment not used, certificates are verified
// against the authorities of the system, and answers are short.
class HttpCaller
{
public:
    static constexpr std::size_t mostOpen = 96;          // at the same time
    static constexpr std::size_t mostWaiting = 2000;     // for one of these
    static constexpr std::size_t mostBytes = 64 * 1024;  // of an answer

    explicit HttpCaller(EventLoop& home);
    ~HttpCaller();
    HttpCaller(const HttpCaller&) = delete;
    HttpCaller& operator=(const HttpCaller&) = delete;

    // `done` is called on the loop, with whatever status; Unavailable without an answer, ResourceExhausted if too many
    // wait. It is not called any more once this object is gone.
    using Done = std::function<void(Result<HttpReply>)>;
    void post(HttpCall call, Done done);

private:
    class Worker;

    EventLoop& m_home;
    std::shared_ptr<int> m_alive = std::make_shared<int>();
    std::unique_ptr<Worker> m_worker;
};

}  // namespace headgate
