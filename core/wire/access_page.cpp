#include "core/wire/access_table.h"

#include <array>

namespace headgate {

namespace {

constexpr std::array roles = {AccountRole::Viewer, AccountRole::Operator, AccountRole::Scheduler, AccountRole::Admin};

constexpr const char* introduction = R"(# Who may do what

This page is made from `core/wire/access_table.cpp`, which the server decides by; a test compares the two. A call that is
not in the table is refused.

Users have a role, and may be limited to deployments: then node groups, nodes, streams and parts of the plan of others
are for them as if they were not there, and calls of the column *everything* are refused with 403. Without a token the
answer is 401, with one whose role does not suffice 403.

| role | is for |
|---|---|
| viewer | looking at everything but users |
| operator | also nodes, streams and provisions, the power of deployments, and overlays |
| scheduler | also schedules, exclusion sets, limits and overlays |
| admin | all of it, and users |

Columns: **public**: *yes* needs no token at all, *by group* needs none where the node group allows public routing.
**reach**: *deployments* also serves users who are limited to some, *everything* does not.

| interface | method | path | public | viewer | operator | scheduler | admin | reach |
|---|---|---|---|---|---|---|---|---|
)";

std::string publicColumn(const AccessRule& rule)
{
    if (rule.permission == Permission::Open)
        return "yes";
    return rule.exposure == Exposure::Public ? "by group" : "";
}

}  // namespace

std::string accessPage()
{
    std::string page = introduction;
    for (const AccessRow& row : accessTable()) {
        page += "| " + std::string(row.dialect) + " | " + row.methods + " | `" + row.path + "` | " +
                publicColumn(row.rule) + " |";
        for (const AccountRole role : roles)
            page += isAllowed(role, row.rule.permission) ? " yes |" : " |";
        page += row.rule.reach == Reach::Everything ? " everything |\n" : " deployments |\n";
    }
    return page;
}

}  // namespace headgate
