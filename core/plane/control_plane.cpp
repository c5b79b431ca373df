#include "core/plane/control_plane.h"

#include "core/plane/capabilities.h"
#include "core/wire/shell_lines.h"

namespace headgate {

const Capabilities& ControlPlane::capabilities() const
{
    return Capabilities::all();
}

Result<native::ShellLines> ControlPlane::asCommand(const CommandRequest& request, const std::string& server) const
{
    return native::shellLines(request, server);
}

}  // namespace headgate
