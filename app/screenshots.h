#pragma once

#include <QString>

namespace headgate {

class Console;

// Renders every page, light and dark, in its states to PNG files below `folder`, from a running cluster of at least
// two regions, six nodes, three streams and one failed node. Returns the exit status of the program.
int takeScreenshots(Console& console, const QString& folder);

}  // namespace headgate
