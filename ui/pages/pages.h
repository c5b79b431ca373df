#pragma once

#include "core/plan/what_if.h"
#include "ui/frame/page.h"

#include <vector>

class QWidget;

namespace headgate {

class TestStreams;

<<<<<<< HEAD
// All pages in rail order: overview, streams, timeline, node-groups, nodes, topology, node-images, metrics, audit, deployments,
// regions, dev-resources. Owned by `parent`; `context` and `testStreams` outlive them. The caller gives each its
// control plane (Page::setControlPlane), and the same one to `testStreams`.
std::vector<Page*> makePages(PageContext& context, TestStreams& testStreams, QWidget* parent);
=======
// All pages in rail order: overview, streams, timeline, node-groups, nodes, node-images, what-if, metrics, audit,
// deployments, regions, dev-resources. Owned by `parent`; `context` and `testStreams` outlive them. The caller gives
// each its control plane (Page::setControlPlane), and the same one to `testStreams`. `whatIf` simulates.
std::vector<Page*> makePages(PageContext& context, TestStreams& testStreams, QWidget* parent, WhatIfRun whatIf = {});
>>>>>>> ffe3df0 (console: What-if simulates a day of the cluster while its viewers are drawn)

}  // namespace headgate
