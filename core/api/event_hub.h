#pragma once

#include "core/api/account_scope.h"
#include "core/api/http_message.h"
#include "core/domain/snapshot.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// Snapshots in, event texts out, for any number of readers. Each text is made once, on the thread of the first reader
// who wants it, never on the engine's. A reader who falls behind gets a whole snapshot. Any thread.
class EventHub : public std::enable_shared_from_this<EventHub>
{
public:
    explicit EventHub(SnapshotPtr first);

    void publish(const SnapshotPtr& snapshot);

    // `since` is the position of the last item that the reader knows; "" or one that is too old, or of another process:
    // he begins with a whole snapshot.
    std::unique_ptr<http::Feed> subscribe(http::Wake wake, std::string_view since = {});

    static constexpr std::uint64_t noSequence = UINT64_MAX;
    using Item = std::shared_ptr<const http::FeedItem>;

    // What a reader who knows the snapshot with this sequence wants next; null if nothing. noSequence = knows none.
    // Moves `sequence` on.
    Item next(std::uint64_t& sequence);
    void unsubscribe(std::uint64_t reader);

private:
    struct Change
    {
        SnapshotPtr before;
        SnapshotPtr after;
        std::once_flag isMade;
        Item item;
    };
    struct Whole
    {
        SnapshotPtr snapshot;
        std::once_flag isMade;
        Item item;
    };

    Item itemOf(const Snapshot& snapshot, nlohmann::json message) const;

    const std::string m_process;  // sequences begin anew with each process
    std::mutex m_mutex;
    std::shared_ptr<Whole> m_whole;
    std::deque<std::shared_ptr<Change>> m_changes;  // the newest last
    std::map<std::uint64_t, http::Wake> m_readers;
    std::uint64_t m_lastReader = 0;
};

// The hub of those who see everything, and one for each limit of which there are readers. Any thread.
class EventHubs
{
public:
    explicit EventHubs(SnapshotPtr first) : m_whole(std::make_shared<EventHub>(std::move(first))) {}

    void publish(const SnapshotPtr& snapshot);
    std::shared_ptr<EventHub> hubFor(const Caller& caller, const SnapshotPtr& snapshot);

private:
    struct Part
    {
        Caller caller;
        std::weak_ptr<EventHub> hub;
    };

    const std::shared_ptr<EventHub> m_whole;
    std::mutex m_mutex;
    std::map<std::vector<std::string>, Part> m_parts;  // by deployments
};

}  // namespace headgate
