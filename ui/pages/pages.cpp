#include "ui/pages/pages.h"

#include "ui/pages/account_page.h"
#include "ui/pages/audit_page.h"
#include "ui/pages/deployments_page.h"
#include "ui/pages/dev_resources_page.h"
#include "ui/pages/jobs_page.h"
#include "ui/pages/metrics_page.h"
#include "ui/pages/node_groups_page.h"
#include "ui/pages/node_images_page.h"
#include "ui/pages/nodes_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/provisions_page.h"
#include "ui/pages/recordings_page.h"
#include "ui/pages/regions_page.h"
#include "ui/pages/streams_page.h"
#include "ui/pages/timeline_page.h"
#include "ui/pages/topology_page.h"
#include "ui/pages/usage_page.h"
#include "ui/pages/what_if_page.h"

#include <utility>

namespace headgate {

std::vector<Page*> makePages(PageContext& context, TestStreams& testStreams, QWidget* parent, WhatIfRun whatIf,
                             Chaos chaos)
{
    return {new OverviewPage(context, parent),    new StreamsPage(context, testStreams, parent),
            new TimelinePage(context, parent),    new JobsPage(context, parent),
            new RecordingsPage(context, parent),  new NodeGroupsPage(context, parent),
            new ProvisionsPage(context, parent),  new NodesPage(context, std::move(chaos), parent),
            new TopologyPage(context, parent),    new WhatIfPage(context, std::move(whatIf), parent),
            new NodeImagesPage(context, parent),  new MetricsPage(context, parent),
            new AuditPage(context, parent),       new UsagePage(context, parent),
            new DeploymentsPage(context, parent), new RegionsPage(context, parent),
            new AccountPage(context, parent),     new DevResourcesPage(context, testStreams, parent)};
}

}  // namespace headgate
