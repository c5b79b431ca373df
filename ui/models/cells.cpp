#include "ui/models/cells.h"

namespace headgate::rows {

Cell plain(const QString& value, TextTone tone)
{
    Cell cell;
    cell.text = value;
    cell.tone = tone;
    return cell;
}

Cell figure(const QString& value, const QVariant& sort)
{
    Cell cell;
    cell.text = value;
    cell.sort = sort;
    return cell;
}

}  // namespace headgate::rows
