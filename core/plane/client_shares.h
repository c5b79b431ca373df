#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace headgate {

// Places of which so many are held at a time, and so many by one client. Any thread.
class ClientShares
{
public:
    // Taken for as long as it, or a copy of it, is there; also after the shares have gone.
    using Place = std::shared_ptr<const void>;

    // `mostOfOne` 0: each may hold all of them.
    ClientShares(std::size_t most, std::size_t mostOfOne) : m_book(std::make_shared<Book>())
    {
        m_book->most = most;
        m_book->mostOfOne = mostOfOne;
    }

    // Null if all are held, or the client's share of them is. 0 is nobody in particular, who has no share.
    Place take(std::uint64_t client)
    {
        Book& book = *m_book;
        const std::lock_guard lock(book.mutex);
        if (book.taken >= book.most)
            return nullptr;
        std::size_t& held = book.heldBy[client];
        if (client != 0 && book.mostOfOne != 0 && held >= book.mostOfOne)
            return nullptr;
        ++held;
        ++book.taken;
        return Place(&book, [kept = m_book, client](const void*) { kept->giveBack(client); });
    }

    std::size_t taken() const
    {
        const std::lock_guard lock(m_book->mutex);
        return m_book->taken;
    }

private:
    struct Book
    {
        void giveBack(std::uint64_t client)
        {
            const std::lock_guard lock(mutex);
            --taken;
            if (const auto held = heldBy.find(client); --held->second == 0)
                heldBy.erase(held);
        }

        std::mutex mutex;
        std::size_t most = 0;
        std::size_t mostOfOne = 0;
        std::size_t taken = 0;
        std::map<std::uint64_t, std::size_t> heldBy;  // ordered: who chooses addresses shall not choose its shape
    };

    std::shared_ptr<Book> m_book;
};

}  // namespace headgate
