#pragma once

#include "core/plan/what_if.h"
#include "ui/frame/page.h"
#include "ui/models/chaos.h"

#include <vector>

class QWidget;

namespace headgate {

class TestStreams;

// All pages in rail order: overview, streams, timeline, jobs, recordings, node-groups, provisions, nodes, topology,
// what-if, node-images, metrics, audit, usage, deployments, regions, account, dev-resources. Owned by `parent`;
// `context` and `testStreams` outlive them. The caller gives each its control plane (Page::setControlPlane), and the
// same one to `testStreams`. `whatIf` simulates, `chaos` breaks nodes on purpose.
std::vector<Page*> makePages(PageContext& context, TestStreams& testStreams, QWidget* parent, WhatIfRun whatIf = {},
                             Chaos chaos = {});

}  // namespace headgate
