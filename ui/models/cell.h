#pragma once

#include "ui/shell/tokens.h"

#include <QImage>
#include <QMetaType>
#include <QString>
#include <QVariant>

#include <optional>
#include <vector>

namespace headgate {

// A small picture, or why there is none.
struct CellPicture
{
    QImage image;
    QString whyNone;

    bool operator==(const CellPicture&) const = default;
};

// What one table cell shows. The delegate knows nothing else.
struct Cell
{
    QString text;
    QString second;  // smaller line below, or empty
    std::optional<Status> glyph;
    std::optional<CellPicture> picture;  // 16:9, between glyph and text
    TextTone tone = TextTone::Primary;
    bool isStrong = false;  // weight 500
    bool isMono = false;
    std::vector<float> spark;        // 52 px at the left of the figure
    std::optional<double> bar;       // 0 to 1, drawn left of the text
    Status barStatus = Status::Off;  // Off = neutral; Warning and Critical colour it
    int indent = 0;                  // steps of 20 px
    std::optional<bool> isOpen;      // shows a chevron
    QVariant sort;                   // number or text; the text if invalid

    bool operator==(const Cell&) const = default;
};

struct TableRow
{
    QString key;  // unique
    std::vector<Cell> cells;
    QString search;          // what the text filter looks at besides the cells' texts
    QStringList facets;      // what filter chips look at, for example "group:eu-live"
    bool isSection = false;  // a group heading: sunken background
    bool isQuiet = false;    // paler

    bool operator==(const TableRow&) const = default;
};

enum class ColumnAlign
{
    Left,
    Right  // figures
};

struct TableColumn
{
    QString title;
    int width = 120;  // at text size 100 %
    ColumnAlign align = ColumnAlign::Left;
    bool stretches = false;
    int hideOrder = 0;  // 0 = always shown; the highest goes first when the room is short

    bool operator==(const TableColumn&) const = default;
};

// Item roles of SnapshotTableModel.
enum TableRole
{
    CellRole = 0x0100 + 1,  // Cell
    KeyRole,
    SortRole,
    SearchRole,
    FacetRole,
    SectionRole,
    QuietRole
};

}  // namespace headgate

Q_DECLARE_METATYPE(headgate::Cell)
