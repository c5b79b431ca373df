#pragma once

#include "core/api/http_message.h"
#include "core/domain/snapshot.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace headgate {

// Snapshots in, event texts out, for any number of readers. Each text is made once, on the thread of the first reader
// who wants it, never on the engine's. A reader who falls behind gets a whole snapshot. Any thread.
class EventHub : public std::enable_shared_from_this<EventHub>
{
public:
    explicit EventHub(SnapshotPtr first);

    void publish(const SnapshotPtr& snapshot);

    std::unique_ptr<http::Feed> subscribe(http::Wake wake);

    static constexpr std::uint64_t noSequence = UINT64_MAX;
    using Text = std::shared_ptr<const std::string>;

    // What a reader who knows the snapshot with this sequence wants next; null if nothing. noSequence = knows none.
    // Moves `sequence` on.
    Text next(std::uint64_t& sequence);
    void unsubscribe(std::uint64_t reader);

private:
    struct Change
    {
        SnapshotPtr before;
        SnapshotPtr after;
        std::once_flag isMade;
        Text text;
    };
    struct Whole
    {
        SnapshotPtr snapshot;
        std::once_flag isMade;
        Text text;
    };

    std::mutex m_mutex;
    std::shared_ptr<Whole> m_whole;
    std::deque<std::shared_ptr<Change>> m_changes;  // the newest last
    std::map<std::uint64_t, http::Wake> m_readers;
    std::uint64_t m_lastReader = 0;
};

}  // namespace headgate
