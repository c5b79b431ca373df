#pragma once

#include "ui/shell/media_services.h"

namespace headgate {

// Player and test publisher of the media library as the objects that the console's pages know.
MediaServices makeMediaServices();

}  // namespace headgate
