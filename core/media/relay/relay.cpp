#include "core/media/relay/relay.h"

namespace headgate {

Relay::Relay(RelayContext context) : m_context(std::move(context)), m_timer(m_context.loop)
{
    constexpr Duration period{200};
    m_timer.startRepeating(period, [this] { tick(); });
}

void Relay::setTrust(ParentTrust trust)
{
    m_trust = std::move(trust);
    m_context.trust = &*m_trust;
}

void Relay::setParents(const node_protocol::AssignParents& table)
{
    m_table.clear();
    for (const node_protocol::StreamParents& parents : table.streams)
        m_table.emplace(parents.stream, parents);
    for (const auto& [key, pull] : m_pulls)
        pull->setParents(parentsOf(key));
}

std::optional<node_protocol::StreamParents> Relay::parentsOf(const StreamKey& key) const
{
    const auto found = m_table.find(key);
    return found == m_table.end() ? std::nullopt : std::optional(found->second);
}

Result<Stream*> Relay::fetch(const StreamKey& key)
{
    const auto parents = parentsOf(key);
    const bool isWorthWaiting = !parents && m_context.unknownPatience > Duration::zero();
    // Who is told to pull from itself was left by its publisher a moment ago.
    if ((!parents && !isWorthWaiting) || (parents && parents->primary.node == m_context.self))
        return fail(ErrorCode::NotFound, "The stream " + key.path() + " is not live.");
    const std::uint64_t epoch = parents ? parents->epoch : 0;
    auto opened = m_context.hub.open(key, StreamSource{false, {}, "rtmp", epoch}, m_context.loop.now());
    if (opened)
        m_pulls[key] = std::make_unique<RelayPull>(m_context, **opened, parents);
    return opened;
}

void Relay::tick()
{
    std::erase_if(m_pulls, [](const auto& entry) { return entry.second->isOver(); });
}

}  // namespace headgate
