#pragma once

#include "core/domain/route.h"
#include "core/plane/ctl/session.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace headgate::ctl {

enum class Format
{
    Table,
    Json,
    Yaml
};

// What a subcommand works with. Results go to `out`; questions and notes to `notes`.
struct Desk
{
    const Arguments& arguments;
    Format format = Format::Table;
    std::ostream& out;
    std::ostream& notes;
};

// Every subcommand but bench-node, download, probe and publish-test.
Outcome<void> run(const Desk& desk);

// The targets that the control plane names for the words and options of route and publish-test.
Outcome<std::vector<RouteTarget>> askRoute(Session& session, const Arguments& arguments, RoutePurpose purpose,
                                           const std::string& stream);

std::string rtmpUrl(const RouteTarget& target, const std::string& stream);

}  // namespace headgate::ctl
