#pragma once

#include "core/domain/node_image_record.h"
#include "core/plan/capacity_plan.h"

#include <functional>
#include <string>
#include <vector>

// What nodes carry by the descriptions of their images: one rule for what runs, for plans and for forecasts.
namespace headgate::capacity {

// By the newest measurement of its image, times the cores of the node (one if it did not say). Without a measurement,
// or without a description at all (null), NodeLimits as it is made.
NodeLimits limitsOf(const NodeImageRecord* image, int cores);

// Of a node that is yet to be. By what is written down alone, so that neither a restart nor a silent node changes a
// plan: it has as many cores as the machine that its image was measured on.
NodeLimits plannedLimitsOf(const NodeImageRecord* image);

// The least that a node of one of the group's roles for viewers carries: what turns expected viewers into nodes.
// `recordOf` knows the description of a provider image, null for none.
PlanOptions planOptions(const NodeGroup& group,
                        const std::function<const NodeImageRecord*(const std::string& image)>& recordOf);

// Of a group of the document, by the images of a snapshot. Where nothing is known of either, that of no measurement.
PlanOptions planOptions(const PlanDocument& document, const NodeGroupName& group,
                        const std::vector<NodeImageStatus>& images);

// Null if nobody described it.
const NodeImageRecord* findRecord(const std::vector<NodeImageStatus>& images, const std::string& image);

}  // namespace headgate::capacity
