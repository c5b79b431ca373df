#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace headgate {

// Finds entries of a vector by the hash of their key in O(1), without an order of its own that a decision could depend
// on. The keys stay with their owner, who says whether an entry is the one that is looked for.
class HashIndex
{
public:
    // Empty, with room for `count` entries before it has to grow.
    void reset(std::size_t count)
    {
        m_slots.assign(std::bit_ceil(std::max<std::size_t>(16, count * 2)), Slot{});
        m_count = 0;
    }

    // `position` may not be there yet.
    void add(std::uint64_t hash, std::uint32_t position)
    {
        if ((m_count + 1) * 2 > m_slots.size())
            grow();
        place({hash, position, true});
        ++m_count;
    }

    // The position of that hash for which `bool matches(std::uint32_t position)`.
    template <typename Matches>
    std::optional<std::uint32_t> find(std::uint64_t hash, Matches matches) const
    {
        if (m_slots.empty())
            return std::nullopt;
        for (std::size_t at = hash & mask(); m_slots[at].isUsed; at = (at + 1) & mask()) {
            if (m_slots[at].hash == hash && matches(m_slots[at].position))
                return m_slots[at].position;
        }
        return std::nullopt;
    }

private:
    struct Slot
    {
        std::uint64_t hash = 0;
        std::uint32_t position = 0;
        bool isUsed = false;
    };

    std::size_t mask() const { return m_slots.size() - 1; }

    void place(const Slot& slot)
    {
        std::size_t at = slot.hash & mask();
        while (m_slots[at].isUsed)
            at = (at + 1) & mask();
        m_slots[at] = slot;
    }

    void grow()
    {
        std::vector<Slot> before = std::move(m_slots);
        reset(std::max<std::size_t>(before.size(), 8));
        for (const Slot& slot : before) {
            if (slot.isUsed) {
                place(slot);
                ++m_count;
            }
        }
    }

    std::vector<Slot> m_slots;  // a power of two of them, at most half are used
    std::size_t m_count = 0;
};

}  // namespace headgate
