#pragma once

#include "core/base/time.h"

#include <optional>

namespace headgate {

// How long output for viewers is gathered before it is written: a fixed time, or one that follows how busy the event
// loop is. A send costs about the same whatever its size, so fewer and larger ones are what saves processor time.
//
// The rule of the automatic window: looked at four times a second. While the loop was busy for 60 % of the time or
// more, the window grows by 20 ms up to 100 ms; when it was busy for 25 % or less four times in a row, it shrinks by
// 10 ms down to 0; in between it stays.
class MergeWindow
{
public:
    static constexpr Duration longestAutomatic{100};
    static constexpr Duration longestFixed{1000};

    // None: automatic.
    explicit MergeWindow(std::optional<Duration> fixed = Duration::zero()) : m_fixed(fixed) {}

    Duration current() const { return m_fixed.value_or(m_automatic); }

    // A turn of the loop: how long it worked, and how long it then waited.
    void turned(std::chrono::nanoseconds worked, std::chrono::nanoseconds waited)
    {
        if (m_fixed)
            return;
        m_worked += worked;
        m_elapsed += worked + waited;
        if (m_elapsed >= period)
            look();
    }

private:
    static constexpr Duration period{250};

    void look();

    std::optional<Duration> m_fixed;
    Duration m_automatic{0};
    std::chrono::nanoseconds m_worked{0};
    std::chrono::nanoseconds m_elapsed{0};
    int m_quietLooks = 0;
};

}  // namespace headgate
