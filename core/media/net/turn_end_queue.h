#pragma once

#include <cstddef>
#include <vector>

namespace headgate {

// A place in a ring of tasks.
struct QueueLink
{
    QueueLink* previous = nullptr;
    QueueLink* next = nullptr;
};

// Something that wants to do the rest of its work later, when all that was ready has been handled: for merging writes.
// It waits in one queue at most, and leaves it by itself when it ends.
class TurnEndTask : private QueueLink
{
public:
    // Whether it has something for workAhead().
    enum class Ahead
    {
        Nothing,
        Something
    };

    explicit TurnEndTask(Ahead ahead = Ahead::Nothing) : m_ahead(ahead) {}
    TurnEndTask(const TurnEndTask&) = delete;
    TurnEndTask& operator=(const TurnEndTask&) = delete;
    virtual ~TurnEndTask() { leaveQueue(); }
    virtual void turnEnded() = 0;

    // What of it another thread may do just before, while all that this loop does is the same for others.
    virtual void workAhead() {}

    bool isQueued() const { return next != nullptr; }

    void leaveQueue()
    {
        if (!isQueued())
            return;
        previous->next = next;
        next->previous = previous;
        previous = nullptr;
        next = nullptr;
    }

private:
    friend class TurnEndQueue;

    Ahead m_ahead;
};

// Tasks in the order in which they came. Allocates nothing; all operations but clear() take constant time.
class TurnEndQueue
{
public:
    TurnEndQueue() { m_ring.previous = m_ring.next = &m_ring; }
    TurnEndQueue(const TurnEndQueue&) = delete;
    TurnEndQueue& operator=(const TurnEndQueue&) = delete;
    ~TurnEndQueue() { clear(); }

    bool isEmpty() const { return m_ring.next == &m_ring; }

    // The task must not be queued.
    void append(TurnEndTask& task)
    {
        QueueLink& link = task;
        link.previous = m_ring.previous;
        link.next = &m_ring;
        m_ring.previous->next = &link;
        m_ring.previous = &link;
    }

    // Null if empty. The one behind it is fetched from memory meanwhile.
    TurnEndTask* takeFirst()
    {
        if (isEmpty())
            return nullptr;
        auto* const task = static_cast<TurnEndTask*>(m_ring.next);
        task->leaveQueue();
        fetchSoon(*m_ring.next);
        return task;
    }

    // Those with something to do ahead, if there are so many.
    std::vector<TurnEndTask*> tasksAhead(std::size_t least)
    {
        std::size_t count = 0;
        const auto isAhead = [](const QueueLink* link) {
            return static_cast<const TurnEndTask*>(link)->m_ahead == TurnEndTask::Ahead::Something;
        };
        for (const QueueLink* link = m_ring.next; link != &m_ring && count < least; link = link->next)
            count += isAhead(link) ? 1 : 0;
        std::vector<TurnEndTask*> tasks;
        for (QueueLink* link = m_ring.next; link != &m_ring && count == least; link = link->next) {
            if (isAhead(link))
                tasks.push_back(static_cast<TurnEndTask*>(link));
        }
        return tasks;
    }

    // Moves all of the other's tasks behind these.
    void takeAll(TurnEndQueue& other)
    {
        if (other.isEmpty())
            return;
        QueueLink* const first = other.m_ring.next;
        QueueLink* const last = other.m_ring.previous;
        m_ring.previous->next = first;
        first->previous = m_ring.previous;
        last->next = &m_ring;
        m_ring.previous = last;
        other.m_ring.previous = other.m_ring.next = &other.m_ring;
    }

    void clear()
    {
        while (takeFirst() != nullptr) {
        }
    }

private:
    static void fetchSoon(const QueueLink& link)
    {
        constexpr std::size_t line = 64;
        constexpr std::size_t size = 3 * line;  // of what most tasks touch
        for (std::size_t offset = 0; offset < size; offset += line)
            __builtin_prefetch(reinterpret_cast<const std::byte*>(&link) + offset, 1);
    }

    QueueLink m_ring;  // its next is the first task, its previous the last
};

}  // namespace headgate
