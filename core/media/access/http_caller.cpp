#include "core/media/access/http_caller.h"

#include "core/base/check.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace headgate {

namespace {

using Clock = std::chrono::steady_clock;

struct Task
{
    HttpCall call;
    HttpCaller::Done done;
    Clock::time_point deadline;
};

tl::unexpected<Error> noAnswer(const std::string& why)
{
    return fail(ErrorCode::Unavailable, "no answer: " + why);
}

// One call under way.
class Transfer
{
public:
    explicit Transfer(Task task) : m_task(std::move(task)), m_easy(curl_easy_init(), &curl_easy_cleanup)
    {
        HG_CHECK(m_easy != nullptr);
        const auto left = std::chrono::duration_cast<Duration>(m_task.deadline - Clock::now()).count();
        addHeader("Content-Type: application/json");
        for (const std::string& header : m_task.call.headers)
            addHeader(header.c_str());
        set(CURLOPT_URL, m_task.call.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_PROXY, "");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<Duration::rep>(left, 1)));
        set(CURLOPT_HTTPHEADER, m_headers.get());
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(m_task.call.body.size()));
        set(CURLOPT_POSTFIELDS, m_task.call.body.c_str());
        set(CURLOPT_USERAGENT, "headgate-node/" HEADGATE_VERSION);
        set(CURLOPT_WRITEFUNCTION, &Transfer::take);
        set(CURLOPT_WRITEDATA, this);
    }

    CURL* easy() const { return m_easy.get(); }
    HttpCaller::Done& done() { return m_task.done; }

    Result<HttpReply> result(CURLcode code)
    {
        if (m_isTooLong)
            return noAnswer("it is longer than 64 KiB");
        if (code != CURLE_OK)
            return noAnswer(curl_easy_strerror(code));
        long status = 0;
        curl_easy_getinfo(m_easy.get(), CURLINFO_RESPONSE_CODE, &status);
        return HttpReply{static_cast<int>(status), std::move(m_body)};
    }

private:
    template <typename Value>
    void set(CURLoption option, Value value)
    {
        HG_CHECK(curl_easy_setopt(m_easy.get(), option, value) == CURLE_OK);
    }

    void addHeader(const char* header)
    {
        curl_slist* const longer = curl_slist_append(m_headers.get(), header);
        HG_CHECK(longer != nullptr);
        (void)m_headers.release();
        m_headers.reset(longer);
    }

    static std::size_t take(char* bytes, std::size_t size, std::size_t count, void* owner)
    {
        auto& transfer = *static_cast<Transfer*>(owner);
        transfer.m_isTooLong = transfer.m_body.size() + size * count > HttpCaller::mostBytes;
        if (transfer.m_isTooLong)
            return 0;
        transfer.m_body.append(bytes, size * count);
        return size * count;
    }

    Task m_task;
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> m_headers{nullptr, &curl_slist_free_all};
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> m_easy;
    std::string m_body;
    bool m_isTooLong = false;
};

}  // namespace

class HttpCaller::Worker
{
public:
    // `answer` is called on the worker's thread.
    using Answer = std::function<void(Done, Result<HttpReply>)>;

    explicit Worker(Answer answer) : m_answer(std::move(answer)), m_multi(curl_multi_init(), &curl_multi_cleanup)
    {
        HG_CHECK(m_multi != nullptr);
        m_thread = std::thread([this] { run(); });
    }

    ~Worker()
    {
        m_isStopping = true;
        curl_multi_wakeup(m_multi.get());
        m_thread.join();
        for (const auto& transfer : m_open)
            curl_multi_remove_handle(m_multi.get(), transfer->easy());
    }

    // False if too many wait.
    bool put(Task& task)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (m_waiting.size() >= mostWaiting)
                return false;
            m_waiting.push_back(std::move(task));
        }
        curl_multi_wakeup(m_multi.get());
        return true;
    }

private:
    void run()
    {
        constexpr int rest = 1000, restWhileSomeWait = 50;
        while (!m_isStopping) {
            const bool doSomeWait = startWaiting();
            int running = 0;
            curl_multi_perform(m_multi.get(), &running);
            if (!finish())
                curl_multi_poll(m_multi.get(), nullptr, 0, doSomeWait ? restWhileSomeWait : rest, nullptr);
        }
    }

    // True if some still wait.
    bool startWaiting()
    {
        const std::lock_guard lock(m_mutex);
        while (!m_waiting.empty() && m_open.size() < mostOpen) {
            m_open.push_back(std::make_unique<Transfer>(std::move(m_waiting.front())));
            m_waiting.pop_front();
            curl_multi_add_handle(m_multi.get(), m_open.back()->easy());
        }
        const Clock::time_point now = Clock::now();
        std::erase_if(m_waiting, [&](Task& task) {
            if (task.deadline > now)
                return false;
            m_answer(std::move(task.done), noAnswer("too many calls are under way"));
            return true;
        });
        return !m_waiting.empty();
    }

    // True if any was.
    bool finish()
    {
        bool isAny = false;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(m_multi.get(), &left)) {
            const auto transfer = std::ranges::find(m_open, message->easy_handle, &Transfer::easy);
            HG_CHECK(transfer != m_open.end());
            const CURLcode code = message->data.result;
            curl_multi_remove_handle(m_multi.get(), (*transfer)->easy());
            m_answer(std::move((*transfer)->done()), (*transfer)->result(code));
            m_open.erase(transfer);
            isAny = true;
        }
        return isAny;
    }

    const Answer m_answer;
    std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> m_multi;
    std::list<std::unique_ptr<Transfer>> m_open;
    std::mutex m_mutex;
    std::deque<Task> m_waiting;  // guarded by m_mutex
    std::atomic<bool> m_isStopping = false;
    std::thread m_thread;
};

HttpCaller::HttpCaller(EventLoop& home) : m_home(home)
{
    static const CURLcode isReady = curl_global_init(CURL_GLOBAL_DEFAULT);
    HG_CHECK(isReady == CURLE_OK);
}

HttpCaller::~HttpCaller() = default;

void HttpCaller::post(HttpCall call, Done done)
{
    // Nodes that ask nobody have no thread for it.
    if (!m_worker)
        m_worker = std::make_unique<Worker>(
            [&home = m_home, alive = std::weak_ptr(m_alive)](Done told, Result<HttpReply> reply) {
                home.post([alive, told = std::move(told), reply = std::move(reply)] {
                    if (!alive.expired())
                        told(reply);
                });
            });
    const auto deadline = Clock::now() + call.timeout;
    Task task{std::move(call), std::move(done), deadline};
    if (!m_worker->put(task))
        task.done(fail(ErrorCode::ResourceExhausted, "no answer: too many calls wait"));
}

}  // namespace headgate
