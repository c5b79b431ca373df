#pragma once

namespace headgate {

// How a node is broken on purpose, to see how the cluster recovers.
enum class NodeHarm
{
    Kill,    // its process ends at once (SIGKILL)
    Freeze,  // it stands still for a time
    Slow     // it runs 20 of each 100 ms for a time
};

}  // namespace headgate
