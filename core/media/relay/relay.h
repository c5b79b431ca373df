#pragma once

#include "core/media/relay/relay_pull.h"

#include <map>

namespace headgate {

// Pulls streams from other nodes on demand, each once however many want it.
class Relay
{
public:
    explicit Relay(RelayContext context);

    // From now on streams are pulled over RTMPS from each parent that offers it and is trusted.
    void setTrust(ParentTrust trust);

    // The whole table, in place of the one before.
    void setParents(const node_protocol::AssignParents& table);

    // The stream, which begins to fill; NotFound if the table does not know it. For SessionGate::setFetch().
    Result<Stream*> fetch(const StreamKey& key);

    bool isOffered(const StreamKey& key) const { return m_table.contains(key); }

    std::size_t pullCount() const { return m_pulls.size(); }

private:
    std::optional<node_protocol::StreamParents> parentsOf(const StreamKey& key) const;
    void tick();

    RelayContext m_context;
    std::optional<ParentTrust> m_trust;
    std::map<StreamKey, node_protocol::StreamParents> m_table;
    std::map<StreamKey, std::unique_ptr<RelayPull>> m_pulls;
    Timer m_timer;
};

}  // namespace headgate
