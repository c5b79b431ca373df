#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace headgate {

// Calls that any thread leaves for one thread to make. Nobody waits for anybody: it is an atomic list, which the one
// that makes the calls takes whole. What one thread pushed is called in that order.
class CallQueue
{
public:
    using Callback = std::function<void()>;

    CallQueue() = default;
    CallQueue(const CallQueue&) = delete;
    CallQueue& operator=(const CallQueue&) = delete;
    ~CallQueue() { release(take()); }  // without calling what is left

    // From any thread; true if nothing was waiting.
    bool push(Callback callback)
    {
        auto* const node = new Node{std::move(callback), nullptr};
        Node* newest = m_newest.load(std::memory_order_relaxed);
        do {
            node->next = newest;
        } while (!m_newest.compare_exchange_weak(newest, node));
        return newest == nullptr;  // the node may be gone by now
    }

    bool isEmpty() const { return m_newest.load() == nullptr; }

    // Calls what was pushed before; what the calls push themselves waits for the next time.
    void callAll()
    {
        for (Node* node = take(); node != nullptr;) {
            const std::unique_ptr<Node> current(std::exchange(node, node->next));
            current->callback();
        }
    }

private:
    struct Node
    {
        Callback callback;
        Node* next;
    };

    // All, the oldest first.
    Node* take()
    {
        Node* newest = m_newest.exchange(nullptr);
        Node* oldest = nullptr;
        while (newest != nullptr)
            oldest = std::exchange(newest, std::exchange(newest->next, oldest));
        return oldest;
    }

    static void release(Node* node)
    {
        while (node != nullptr)
            delete std::exchange(node, node->next);
    }

    std::atomic<Node*> m_newest = nullptr;
};

}  // namespace headgate
