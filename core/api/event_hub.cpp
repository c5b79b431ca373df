#include "core/api/event_hub.h"

#include "core/plane/passwords.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t keptChanges = 8;

class EventFeed : public http::Feed
{
public:
    EventFeed(std::shared_ptr<EventHub> hub, std::uint64_t reader, std::uint64_t sequence)
        : m_hub(std::move(hub)), m_reader(reader), m_sequence(sequence)
    {}
    ~EventFeed() override { m_hub->unsubscribe(m_reader); }

    std::shared_ptr<const http::FeedItem> next() override { return m_hub->next(m_sequence); }

private:
    std::shared_ptr<EventHub> m_hub;
    std::uint64_t m_reader;
    std::uint64_t m_sequence;
};

}  // namespace

EventHub::EventHub(SnapshotPtr first) : m_process(randomHex(4)), m_whole(std::make_shared<Whole>())
{
    m_whole->snapshot = std::move(first);
}

void EventHub::publish(const SnapshotPtr& snapshot)
{
    std::vector<http::Wake> wakes;
    {
        const std::lock_guard lock(m_mutex);
        if (snapshot->sequence <= m_whole->snapshot->sequence)
            return;
        auto change = std::make_shared<Change>();
        change->before = m_whole->snapshot;
        change->after = snapshot;
        m_changes.push_back(std::move(change));
        if (m_changes.size() > keptChanges)
            m_changes.pop_front();
        m_whole = std::make_shared<Whole>();
        m_whole->snapshot = snapshot;
        for (const auto& [reader, wake] : m_readers)
            wakes.push_back(wake);
    }
    for (const http::Wake& wake : wakes)
        wake();
}

std::unique_ptr<http::Feed> EventHub::subscribe(http::Wake wake, std::string_view since)
{
    std::uint64_t sequence = noSequence;
    if (since.starts_with(m_process + "-")) {
        since.remove_prefix(m_process.size() + 1);
        const auto [end, error] = std::from_chars(since.data(), since.data() + since.size(), sequence);
        if (error != std::errc() || end != since.data() + since.size())
            sequence = noSequence;
    }
    const std::lock_guard lock(m_mutex);
    m_readers.emplace(++m_lastReader, std::move(wake));
    return std::make_unique<EventFeed>(shared_from_this(), m_lastReader, sequence);
}

EventHub::Item EventHub::itemOf(const Snapshot& snapshot, native::Json message) const
{
    std::string position = m_process + "-" + std::to_string(snapshot.sequence);
    message["position"] = position;
    return std::make_shared<http::FeedItem>(http::FeedItem{std::move(position), native::write(message)});
}

void EventHub::unsubscribe(std::uint64_t reader)
{
    const std::lock_guard lock(m_mutex);
    m_readers.erase(reader);
}

EventHub::Item EventHub::next(std::uint64_t& sequence)
{
    std::shared_ptr<Change> change;
    std::shared_ptr<Whole> whole;
    {
        const std::lock_guard lock(m_mutex);
        if (sequence == m_whole->snapshot->sequence)
            return nullptr;
        const auto follows = [sequence](const auto& each) { return each->before->sequence == sequence; };
        const auto found = std::ranges::find_if(m_changes, follows);
        if (found != m_changes.end())
            change = *found;
        else
            whole = m_whole;
    }
    if (change) {
        std::call_once(change->isMade, [this, &change] {
            change->item = itemOf(*change->after, {{"type", "change"},
                                                   {"change", native::changeBetween(*change->before, *change->after)}});
        });
        sequence = change->after->sequence;
        return change->item;
    }
    std::call_once(whole->isMade, [this, &whole] {
        whole->item = itemOf(*whole->snapshot, {{"type", "snapshot"}, {"snapshot", native::toJson(*whole->snapshot)}});
    });
    sequence = whole->snapshot->sequence;
    return whole->item;
}

void EventHubs::publish(const SnapshotPtr& snapshot)
{
    m_whole->publish(snapshot);
    std::vector<std::pair<Caller, std::shared_ptr<EventHub>>> parts;
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_parts, [](const auto& entry) { return entry.second.hub.expired(); });
        for (const auto& [deployments, part] : m_parts)
            parts.emplace_back(part.caller, part.hub.lock());
    }
    for (const auto& [caller, hub] : parts) {
        if (hub)
            hub->publish(seenBy(caller, snapshot));
    }
}

std::shared_ptr<EventHub> EventHubs::hubFor(const Caller& caller, const SnapshotPtr& snapshot)
{
    if (!caller.isScoped())
        return m_whole;
    const std::lock_guard lock(m_mutex);
    Part& part = m_parts[caller.deployments];
    auto hub = part.hub.lock();
    if (!hub) {
        hub = std::make_shared<EventHub>(seenBy(caller, snapshot));
        part = {caller, hub};
    }
    return hub;
}

}  // namespace headgate
