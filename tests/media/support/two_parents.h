#pragma once

#include "tests/media/support/loop_rows.h"
#include "tests/media/support/relay_cluster.h"

namespace headgate::tests {

// A cluster with the number of loops of the row.
struct RowCluster : RelayCluster
{
    RowCluster() : RelayCluster(loopsOfRow()) {}
};

// Two relays are between the origin and the edge, which pulls from the first one.
struct TwoParents : RowCluster
{
    TwoParents()
    {
        for (MediaNode* const middle : {first.get(), second.get()})
            assign(*middle, parent(*origin, "origin"));
        assign(*edge, parent(*first, "first"), parent(*second, "second"));
    }
    ~TwoParents() { edge.reset(); }  // before the nodes that it pulls from

    // A viewer at the edge has some frames.
    bool play()
    {
        if (!startPublisher())
            return false;
        sendFrames(5);
        viewer.emplace(loop, edge->endpoints(), "live", "show");
        return waitForAll();
    }
    bool waitForAll()
    {
        return wait([this] { return viewer->timestamps(FrameKind::Video) == sentTimes(0); });
    }
    bool waitUntilPulledFrom(const MediaNode& node)
    {
        return wait([&] { return edge->hub().find(key)->source().address == rtmpAddress(node); });
    }

    std::unique_ptr<MediaNode> first = open(between);
    std::unique_ptr<MediaNode> second = open(between);
    std::optional<RtmpViewer> viewer;
};

}  // namespace headgate::tests
