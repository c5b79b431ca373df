#include "ui/models/stream_passes.h"

#include "core/plane/account_desk.h"

namespace headgate {

void withStreamPass(ControlPlane& plane, const StreamPassWish& wish, const QString& url,
                    std::function<void(Result<QString>)> done)
{
    const SnapshotPtr snapshot = plane.snapshot();
    const NodeGroupStatus* group = snapshot ? snapshot->findNodeGroup(wish.nodeGroup) : nullptr;
    if (!group || group->group.access.kind == AccessKind::None)
        return done(url);
    plane.accounts().makeStreamPass(wish, [url, done = std::move(done)](const Result<StreamPass>& pass) {
        if (!pass)
            return done(tl::unexpected(pass.error()));
        done(url + QStringLiteral("?token=") + QString::fromStdString(pass->token));
    });
}

}  // namespace headgate
