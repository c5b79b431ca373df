#pragma once

#include "core/domain/account.h"
#include "core/wire/native_routes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Who may make which call: one table for every interface of the control plane, from which the server decides and
// docs/access.md is made. What does not stand in it is refused.
namespace headgate {

enum class Permission
{
    Open,       // no credentials at all
    Own,        // one's own account: everybody who is signed in
    View,       // reads
    Operate,    // nodes, streams and provisions, power of deployments
    Adjust,     // overlays, among them a size by hand
    Plan,       // schedules and what belongs to them
    Configure,  // node groups, node images, regions, deployments
    Administer  // users
};

// What an account that is limited to deployments may use a call for.
enum class Reach
{
    Deployments,  // for what belongs to them; all else is as if it were not there
    Everything    // not at all: the call concerns more than that
};

// A public call needs no token where the node group says so.
enum class Exposure
{
    Private,
    Public
};

struct AccessRule
{
    Permission permission = Permission::Administer;
    Reach reach = Reach::Everything;
    Exposure exposure = Exposure::Private;

    bool operator==(const AccessRule&) const = default;
};

AccessRule accessRule(native::Route route, PlanItemKind kind);

struct DialectMatch
{
    std::optional<AccessRule> rule;  // none: no such call
    std::string allowedMethods;      // of the rows with this path, "GET, PUT"; empty if there is none
};

// Of the calls that are not native. `path` is percent-encoded, without query.
DialectMatch matchDialect(std::string_view method, std::string_view path);

bool isAllowed(AccountRole role, Permission permission);

struct AccessRow
{
    std::string_view dialect;  // "native", "Stream Manager"
    std::string methods;       // "GET", "PUT POST"
    std::string path;          // "{...}" is one segment, "**" any number of them
    AccessRule rule;
};

// Every call there is, natives first.
std::vector<AccessRow> accessTable();

// docs/access.md.
std::string accessPage();

}  // namespace headgate
