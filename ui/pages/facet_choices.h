#pragma once

#include <QStringList>

namespace headgate {

class TablePane;

// The choices of the pane's filter are what the facets of its rows have of these kinds ("group").
void offerFacets(TablePane& pane, const QStringList& kinds);

}  // namespace headgate
