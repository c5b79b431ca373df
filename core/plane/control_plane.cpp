#include "core/plane/control_plane.h"

#include "core/plane/capabilities.h"
#include "core/wire/shell_lines.h"

namespace headgate {

const Capabilities& ControlPlane::capabilities() const
{
    return Capabilities::all();
}

namespace {

Error cannot(const char* what)
{
    return {ErrorCode::Unsupported, std::string("This control plane cannot ") + what + ".", {}, {}};
}

}  // namespace

void ControlPlane::readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done)
{
    done(tl::unexpected(cannot("list provisions")));
}

void ControlPlane::readRecordings(RecordingQuery, std::function<void(Result<RecordingPage>)> done)
{
    done(tl::unexpected(cannot("list recordings")));
}

void ControlPlane::deleteRecording(RecordingKey, std::function<void(Result<void>)> done)
{
    done(tl::unexpected(cannot("delete recordings")));
}

void ControlPlane::testStore(NodeGroupName, S3Settings, std::function<void(Result<void>)> done)
{
    done(tl::unexpected(cannot("test a store")));
}

Result<native::ShellLines> ControlPlane::asCommand(const CommandRequest& request, const std::string& server) const
{
    return native::shellLines(request, server);
}

}  // namespace headgate
