#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace headgate::http {

// Memory for a handler that waits, one after the other: what is read thousands of times a second needs none from the
// heap. Lives at least as long as the handlers that have it.
class HandlerMemory
{
public:
    HandlerMemory() = default;
    HandlerMemory(const HandlerMemory&) = delete;
    HandlerMemory& operator=(const HandlerMemory&) = delete;

    void* allocate(std::size_t size)
    {
        if (m_isUsed || size > m_bytes.size())
            return ::operator new(size);
        m_isUsed = true;
        return m_bytes.data();
    }
    void deallocate(void* memory)
    {
        if (memory == m_bytes.data())
            m_isUsed = false;
        else
            ::operator delete(memory);
    }

private:
    alignas(std::max_align_t) std::array<std::byte, 256> m_bytes;
    bool m_isUsed = false;
};

template <typename T>
class HandlerAllocator
{
public:
    using value_type = T;

    explicit HandlerAllocator(HandlerMemory& memory) : m_memory(&memory) {}
    template <typename Other>
    HandlerAllocator(const HandlerAllocator<Other>& other) : m_memory(other.m_memory)
    {}

    T* allocate(std::size_t count) { return static_cast<T*>(m_memory->allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) { m_memory->deallocate(memory); }
    bool operator==(const HandlerAllocator&) const = default;

private:
    template <typename>
    friend class HandlerAllocator;

    HandlerMemory* m_memory;
};

// A handler as Asio wants it that is kept in such memory.
template <typename Handler>
class WithMemory
{
public:
    using allocator_type = HandlerAllocator<void>;

    WithMemory(HandlerMemory& memory, Handler handler) : m_memory(&memory), m_handler(std::move(handler)) {}

    allocator_type get_allocator() const { return allocator_type(*m_memory); }

    template <typename... Arguments>
    void operator()(Arguments&&... arguments)
    {
        m_handler(std::forward<Arguments>(arguments)...);
    }

private:
    HandlerMemory* m_memory;
    Handler m_handler;
};

}  // namespace headgate::http
