#pragma once

#include "ui/models/cell.h"

// The cells of which most tables are made.
namespace headgate::rows {

Cell plain(const QString& value, TextTone tone = TextTone::Secondary);
Cell figure(const QString& value, const QVariant& sort);

}  // namespace headgate::rows
