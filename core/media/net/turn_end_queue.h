#pragma once

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
    TurnEndTask() = default;
    TurnEndTask(const TurnEndTask&) = delete;
    TurnEndTask& operator=(const TurnEndTask&) = delete;
    virtual ~TurnEndTask() { leaveQueue(); }
    virtual void turnEnded() = 0;

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

    // Null if empty.
    TurnEndTask* takeFirst()
    {
        if (isEmpty())
            return nullptr;
        auto* const task = static_cast<TurnEndTask*>(m_ring.next);
        task->leaveQueue();
        return task;
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
    QueueLink m_ring;  // its next is the first task, its previous the last
};

}  // namespace headgate
