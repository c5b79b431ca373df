#pragma once

#include "core/engine/places.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace headgate {

// Places by what they carry, the least loaded in front. As long as a place only gets fuller, which is so between two
// snapshots, each change is found out when the place comes to the front: a look costs O(log n).
class LoadQueue
{
public:
    struct Entry
    {
        bool isFull = false;
        std::int64_t percent = 0;  // of what it can carry
        int sessions = 0;
        NodeIndex node = 0;

        auto operator<=>(const Entry&) const = default;
    };

    explicit LoadQueue(std::vector<Entry> entries) : m_entries(std::move(entries))
    {
        std::ranges::make_heap(m_entries, std::greater<>());
    }

    bool isEmpty() const { return m_entries.empty(); }

    // Not of an empty one. `Entry now(NodeIndex)` tells what a place carries at present.
    template <typename Now>
    NodeIndex front(Now now)
    {
        for (;;) {
            const Entry present = now(m_entries.front().node);
            if (present <= m_entries.front())
                return present.node;
            std::ranges::pop_heap(m_entries, std::greater<>());
            m_entries.back() = present;
            std::ranges::push_heap(m_entries, std::greater<>());
        }
    }

private:
    std::vector<Entry> m_entries;  // a heap
};

}  // namespace headgate
