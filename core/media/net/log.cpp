#include "core/media/net/log.h"

#include "core/base/check.h"

#include <cstdio>
#include <utility>

namespace headgate {

namespace {

std::string_view wordOf(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return "debug";
    case LogLevel::Info:
        return "info";
    case LogLevel::Warning:
        return "warning";
    case LogLevel::Error:
        return "error";
    }
    unreachable();
}

}  // namespace

void Log::client(std::string_view text) const
{
    if (m_clientLines.fetch_add(1, std::memory_order_relaxed) < mostClientLines)
        write(LogLevel::Info, text);
}

void Log::refusal(std::string_view protocol, std::string_view peer, std::string_view why) const
{
    const std::string_view host = peer.substr(0, peer.rfind(':'));
    const auto text = [&](std::string_view client) {
        return std::string(protocol) + " " + std::string(client) + ": refused: " + std::string(why);
    };
    if (isNews(text(host)))
        client(text(peer));
}

bool Log::isNews(std::string refusal) const
{
    constexpr std::size_t mostRemembered = 1000;
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(m_refusalMutex);
    if (m_refusals.size() >= mostRemembered)
        std::erase_if(m_refusals, [&](const auto& entry) { return now - entry.second >= refusalPeriod; });
    if (const auto told = m_refusals.find(refusal); told != m_refusals.end()) {
        const bool isOld = now - told->second >= refusalPeriod;
        if (isOld)
            told->second = now;
        return isOld;
    }
    if (m_refusals.size() < mostRemembered)
        m_refusals.emplace(std::move(refusal), now);
    return true;
}

void Log::tellLeftOut() const
{
    const int leftOut = m_clientLines.exchange(0, std::memory_order_relaxed) - mostClientLines;
    if (leftOut > 0)
        write(LogLevel::Warning, std::to_string(leftOut) + " more lines about clients in the last second");
}

void Log::write(LogLevel level, std::string_view text) const
{
    constexpr std::size_t longestText = 2000;
    if (level < m_least)
        return;
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    std::string line = toRfc3339(now);
    line += ' ';
    line += wordOf(level);
    line += ' ';
    for (const char c : text.substr(0, longestText))
        line += (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) ? '?' : c;
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

}  // namespace headgate
