#pragma once

namespace headgate {

// Makes every TimelineView a table to screen readers: a line for each row and one for each bar that can be seen, with
// columns pool, what, when and why. Called by each view; counts once.
void installTimelineAccessibility();

}  // namespace headgate
