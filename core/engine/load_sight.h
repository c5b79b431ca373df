#pragma once

#include "core/engine/load_policy.h"
#include "core/engine/plan_book.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

struct NodeRecord;

// The nodes of every pool, collected when somebody asks first.
class PoolNodesBook
{
public:
    struct Page
    {
        std::vector<NodeRecord*> capacity;
        std::vector<NodeRecord*> draining;  // whose sessions are still to be carried by others
    };

    explicit PoolNodesBook(EngineModel& model) : m_model(model) {}

    const Page& of(const PoolKey& pool);

private:
    EngineModel& m_model;
    bool m_isCollected = false;
    std::map<PoolKey, Page> m_pages;
};

// How many nodes there are, and within which bounds.
PoolCounts countsOf(const PoolOrder& order, const std::vector<NodeRecord*>& nodes, TimePoint now);

// What is offered to a pool of the group.
LoadSight loadSightOf(const EngineModel& model, const GroupOrder& group, const PoolOrder& pool, PoolNodesBook& book,
                      TimePoint now);

}  // namespace headgate
