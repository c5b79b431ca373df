#pragma once

#include "core/engine/step_writer.h"

// What connected nodes are told: their session policy and from whom they pull. Sent when it differs from what was sent
// last on the present connection.
namespace headgate::node_orders {

void send(StepWriter& writer);

// Notes in the audit trail which streams came and went since the last call.
void noteStreams(StepWriter& writer);

// What a node should do with sessions: Drain first, and Seal once it says that it drains and nobody would be cut.
node_protocol::SessionPolicy policyFor(const NodeRecord& record, const Role* role);

}  // namespace headgate::node_orders
