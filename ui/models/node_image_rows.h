#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/cell.h"

#include <QString>

#include <vector>

// Node images as rows; see rows.h.
namespace headgate::rows {

std::vector<TableColumn> nodeImageColumns();
std::vector<TableRow> nodeImages(const Snapshot& snapshot);  // key: the image's name

// "auto", "250 ms"
QString mergeWindowWords(const MergeWindowSetting& setting);

}  // namespace headgate::rows
