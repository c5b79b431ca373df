#pragma once

namespace headgate {

// Where there is land: one cell per 2.45 degrees between 73.5 north and 54 south, from the 1:110m land of Natural
// Earth (public domain). Row 0 is the northernmost, column 0 begins at 180 west.
constexpr double landStep = 2.45;
constexpr double landTop = 73.5;
constexpr int landRows = 53;
constexpr int landColumns = 146;

bool isLand(int row, int column);

}  // namespace headgate
