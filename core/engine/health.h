#pragma once

#include "core/engine/step_writer.h"

#include <optional>

// Whether a node is heard. A node whose process is proven gone is dead at once (node_lifecycle); here silence decides,
// and silence is no proof. What is unlikely by the node's own pulse makes it suspect: it gets no new sessions. Dead it
// is only with evidence beside: two witnesses get nothing from it, or its lease, which each heartbeat renews, is
// over. A node that still feeds another one is cut off from us only, and stays. Suspect is as well who is heard but of
// whom three nodes say, within 5 s, that they get nothing of a stream that it says flows, and who says itself that it
// cannot serve: never more than suspect, but who cannot serve for a minute is quarantined. Who is suspect because it is
// silent is looked at by the control plane too, as a client would; who answers is given more time, and who does not has
// one witness more against it. Where many fall silent at once (region_breaker) they are partitioned: replaced, kept,
// and healthy again when they are heard.
//
// A dead one is replaced, but not ended while it may have a publisher. An operator may stop it. One that is suspect
// again and again is quarantined: it drains, and another one takes its place.
namespace headgate::health {

constexpr int suspectPhi = 5;
constexpr int deadPhi = 12;
constexpr Duration lease{8'000};
constexpr int enoughWitnesses = 2;
constexpr Duration testimonyTime{2'500};
constexpr Duration probePeriod{1'000};
constexpr Duration longestBenefit{30'000};  // of silence: who only answers the control plane's own look is dead then
constexpr Duration longestUnready{60'000};
constexpr Duration flowingTime{2'000};  // a stream that brought no frame for longer does not flow
constexpr int enoughComplaints = 3;
constexpr Duration complaintTime{5'000};
constexpr Duration starvingTime{4'000};  // longer than a report that tells of the stream's own end may take
constexpr int toleratedReturns = 3;      // within returnsTime
constexpr Duration returnsTime{600'000};
constexpr Duration toleratedLateness{1'000};
constexpr Duration stopSilentAfter{60'000};  // after it was taken for dead, and never an origin

// A heartbeat came. A node that was taken for dead drains, because its place was filled.
void hear(StepWriter& writer, NodeRecord& record);

// What the heartbeat says of parents that are suspect, or should be.
void testify(EngineModel& model, const NodeRecord& child, const node_protocol::Heartbeat& heartbeat, TimePoint now);

// With region_breaker::advance(), which needs to know who is silent and tells who is dead of it.
void advance(StepWriter& writer);

// The host was held up for `late`: what the nodes said meanwhile waits to be read, so that time is no silence.
void forgive(EngineModel& model, Duration late, TimePoint now);

std::optional<TimePoint> deadline(const EngineModel& model, const NodeRecord& record);

// What the control plane saw when it looked itself.
void observe(EngineModel& model, const NodeProbed& probed, TimePoint now);

// Nodes that get media from it, of one that is suspect.
int fedBy(const NodeRecord& record, TimePoint now);

}  // namespace headgate::health
