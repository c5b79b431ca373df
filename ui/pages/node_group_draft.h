#pragma once

#include "core/domain/command.h"
#include "core/domain/node_group.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// The tabs of the node group form, in their order.
enum class DraftTab
{
    General,
    Capacity,
    Placement,
    Media
};

// A rule that the draft breaks, with the tab on which its field stands.
struct DraftProblem
{
    DraftTab tab = DraftTab::General;
    Error error;

    bool operator==(const DraftProblem&) const = default;
};

// What a new local group starts from: origins in the first region, edges in every region.
struct NodeGroupPlan
{
    std::string name = "live";
    std::string description;
    std::vector<std::string> regions = {"eu-central-1"};
    int origins = 1;         // minimum; the maximum leaves room for one more
    int edgesPerRegion = 2;  // minimum; the maximum is at least four
};

NodeGroup planNodeGroup(const NodeGroupPlan& plan);

// One leaf subgroup with its place in the native document.
struct DraftLeaf
{
    std::string pointer;  // "/subgroups/0" or "/subgroups/0/children/1"
    std::string path;     // "europe / frankfurt"; the name alone for one at the top
    const Subgroup* subgroup = nullptr;
};

// An unsaved node group: what was there when editing began, and what it should become. Everything that the form does
// not show (expressions, extensions, tags) stays as it was.
class NodeGroupDraft
{
public:
    // A group that is not there yet.
    explicit NodeGroupDraft(NodeGroup fresh);
    NodeGroupDraft(NodeGroup saved, std::uint64_t version);

    bool isNew() const { return !m_version.has_value(); }
    bool isChanged() const;
    const NodeGroup& group() const { return m_group; }
    const NodeGroup& saved() const { return m_saved; }
    NodeGroup& edit() { return m_group; }
    std::optional<std::uint64_t> version() const { return m_version; }

    std::vector<DraftLeaf> leaves() const;
    // The subgroup at a pointer of leaves(); null if there is none.
    Subgroup* leafAt(const std::string& pointer);

    // A new leaf at the top with the rules of the first leaf, or one rule per role if there is none yet.
    void addLeaf(const std::string& name, const std::string& region);
    void removeLeaf(const std::string& pointer);

    // Broken rules of the domain, in the order of validate().
    std::vector<DraftProblem> problems() const;
    std::vector<FieldChange> changes() const;

    // Create or replace with the version seen; the caller adds actor, request id and execution.
    CommandRequest toRequest() const;

private:
    NodeGroup m_saved;
    NodeGroup m_group;
    std::optional<std::uint64_t> m_version;
};

// The tab that shows the field of a JSON Pointer into the native document.
DraftTab tabOfPointer(const std::string& pointer);

// "k=v;k=v" with `key` set to `value`, or without it if the value is empty; the order of the others stays.
std::string withCloudProperty(const std::string& properties, const std::string& key, const std::string& value);

}  // namespace headgate
