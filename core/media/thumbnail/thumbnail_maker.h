#pragma once

#include "core/domain/stream_details.h"
#include "core/media/hub/stream.h"
#include "core/media/net/log.h"
#include "core/media/thumbnail/thumbnail_process.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

// Makes pictures of streams on demand, by one helper process that runs while there is demand. Bounded: one picture at a
// time and ten a second, 2 s for each, 32 waiting, 64 kept. Who asks for a picture that is being made, or that is
// younger than 2 s or of the present key frame, makes no work. A stream whose picture could not be made is not tried
// again for 30 s, so that it takes little from the others. Belongs to the main loop's thread.
class ThumbnailMaker
{
public:
    using Done = std::function<void(Result<Thumbnail>)>;

    static constexpr Duration longestWork{2000};
    static constexpr Duration freshTime{2000};
    static constexpr Duration failureTime{30'000};
    static constexpr Duration leastPause{100};  // from one start to the next
    static constexpr Duration idleTime{30'000};
    static constexpr std::size_t mostWaiting = 32;
    static constexpr std::size_t mostKept = 64;

    // Without a program nothing is made.
    ThumbnailMaker(EventLoop& loop, const Log& log, std::string program);
    ~ThumbnailMaker();

    // `done` is called once, later or at once; not if this object ends before. Unavailable if there is no key frame
    // yet or the helper fails, Unsupported for what it cannot decode, ResourceExhausted if too many wait.
    void ask(const Stream& stream, int width, Done done);

private:
    using Key = std::pair<StreamKey, int>;  // stream and width

    struct Job
    {
        Key key;
        std::string tag;
        ThumbnailTask task;
        std::vector<Done> done;
    };

    struct Kept
    {
        Thumbnail picture;
        MonotonicTime madeAt;
    };

    struct Failure
    {
        Error error;
        MonotonicTime at;
    };

    std::optional<Result<Thumbnail>> find(const Key& key, const std::string& tag) const;
    void work();
    void start();
    void finish(Result<Bytes> outcome);
    void endProcess();
    Result<Thumbnail> keep(const Job& job, Result<Bytes> outcome);

    EventLoop& m_loop;
    const Log& m_log;
    std::string m_program;
    std::map<Key, Kept> m_kept;
    std::map<StreamKey, Failure> m_failures;
    std::deque<Job> m_waiting;
    std::optional<Job> m_current;
    std::unique_ptr<ThumbnailProcess> m_process;
    MonotonicTime m_lastStart;
    Timer m_pause;
    Timer m_limit;  // of the current job, or of idleness
};

}  // namespace headgate
