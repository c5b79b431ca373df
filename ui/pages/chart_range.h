#pragma once

#include "core/base/time.h"

class QString;

namespace headgate {

class Segmented;
class Settings;

// The stretch of time that the charts of `page` show: chosen in the page's head, remembered, 5 minutes at first.
Segmented* makeRangeChoice(Settings& settings, const QString& page);
Duration chosenRange(const Segmented& choice);

}  // namespace headgate
