#include "ui/models/snapshot_table_model.h"
#include "ui/shell/icon.h"
#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/sparkline.h"
#include "ui/widgets/status_glyph.h"
#include "ui/widgets/table_view.h"

#include <QFontMetrics>
#include <QHeaderView>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace headgate {

namespace {

constexpr int outerPadding = 20;
constexpr int cellPadding = 8;
constexpr int indentStep = 20;
constexpr int sparkWidth = 52;
constexpr int sparkHeight = 20;
constexpr int barWidth = 48;
constexpr int pictureWidth = 64;
constexpr int pictureHeight = 36;
constexpr int pictureGap = 12;

struct RowLook
{
    const Tokens& tokens;
    bool isSelected;
    bool isHovered;
    bool isSection;
    bool isQuiet;
    bool isStale;
    bool hasFocus;
    bool isFirst;
    bool isLast;
};

RowLook lookOf(const QStyleOptionViewItem& option, const QModelIndex& index)
{
    const auto* view = qobject_cast<const TableView*>(option.widget);
    int first = -1;
    int last = -1;
    for (int i = 0; view != nullptr && i < index.model()->columnCount(); ++i) {
        if (view->isColumnHidden(i))
            continue;
        first = first < 0 ? i : first;
        last = i;
    }
    return {tokensOf(option.widget),
            option.state.testFlag(QStyle::State_Selected),
            view != nullptr && view->hoveredRow() == index.row(),
            index.data(SectionRole).toBool(),
            index.data(QuietRole).toBool(),
            showsStale(option.widget),
            view != nullptr && view->hasFocus() && view->currentIndex().row() == index.row(),
            index.column() == first,
            index.column() == last};
}

void paintBackground(QPainter& painter, const QRect& rect, const RowLook& look)
{
    const Tokens& t = look.tokens;
    const QColor back = look.isSelected ? t.selected : look.isHovered ? t.hover : look.isSection ? t.sunken : t.surface;
    painter.fillRect(rect, back);
    painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), t.border);
    if (look.isFirst && look.isSelected)
        painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height() - 1), t.accent);
    if (!look.hasFocus)
        return;
    painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), t.accent);
    painter.fillRect(QRect(rect.left(), rect.bottom() - 1, rect.width(), 1), t.accent);
    if (look.isFirst)
        painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height() - 1), t.accent);
    if (look.isLast)
        painter.fillRect(QRect(rect.right(), rect.top(), 1, rect.height() - 1), t.accent);
}

QColor inkOf(const Cell& cell, const RowLook& look)
{
    const Tokens& t = look.tokens;
    if (look.isQuiet)
        return t.text3;
    if (look.isStale)
        return t.text2;
    switch (cell.tone) {
    case TextTone::Primary:
        return t.text1;
    case TextTone::Secondary:
        return t.text2;
    case TextTone::Tertiary:
        return t.text3;
    case TextTone::Accent:
        return t.accent;
    case TextTone::Warning:
        return t.warning.text;
    case TextTone::Critical:
        return t.critical.text;
    }
    return t.text1;
}

void paintPicture(QPainter& painter, const QRectF& frame, const CellPicture& picture, const RowLook& look)
{
    const Tokens& t = look.tokens;
    painter.save();
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.fillRect(frame, picture.image.isNull() ? t.sunken : t.videoBack);
    if (picture.image.isNull()) {
        paintIcon(painter, QRectF(frame.center().x() - 8, frame.center().y() - 8, 16, 16), "streams", t.text3);
    } else {
        const QSizeF fitted = QSizeF(picture.image.size()).scaled(frame.size(), Qt::KeepAspectRatio);
        QRectF place(QPointF(), fitted);
        place.moveCenter(frame.center());
        painter.setOpacity(look.isStale ? 0.5 : 1);
        painter.drawImage(place, picture.image);
    }
    painter.restore();
}

// Chevron, glyph and picture; returns where the text begins.
qreal paintLead(QPainter& painter, QRectF box, const Cell& cell, const RowLook& look)
{
    qreal x = box.left() + cell.indent * indentStep;
    if (cell.isOpen) {
        paintIcon(painter, QRectF(x - 4, box.center().y() - 8, 16, 16), *cell.isOpen ? "chevron-down" : "chevron-right",
                  look.tokens.text2);
        x += 16;
    }
    if (cell.glyph) {
        paintGlyph(painter, QRectF(x, box.center().y() - 7, 14, 14), look.isStale ? Status::Off : *cell.glyph,
                   look.tokens);
        x += 24;
    }
    if (cell.picture) {
        paintPicture(painter, QRectF(x, box.center().y() - pictureHeight / 2.0, pictureWidth, pictureHeight),
                     *cell.picture, look);
        x += pictureWidth + pictureGap;
    }
    return x;
}

void paintBar(QPainter& painter, const QRectF& track, const Cell& cell, const RowLook& look)
{
    const Tokens& t = look.tokens;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(look.isSelected ? t.border : t.sunken);
    painter.drawRoundedRect(track, 2.5, 2.5);
    const bool isNeutral = cell.barStatus == Status::Off || look.isStale;
    painter.setBrush(isNeutral ? t.bar : t.of(cell.barStatus).text);
    QRectF fill = track;
    fill.setWidth(std::max(track.height(), track.width() * std::clamp(*cell.bar, 0.0, 1.0)));
    if (*cell.bar > 0)
        painter.drawRoundedRect(fill, 2.5, 2.5);
    painter.restore();
}

void paintFigureCell(QPainter& painter, const QRectF& box, const Cell& cell, const RowLook& look)
{
    painter.setFont(textFont(cell.isStrong ? TextRole::BodyStrong : TextRole::Body));
    painter.setPen(inkOf(cell, look));
    if (cell.second.isEmpty()) {
        drawFigures(painter, box, Qt::AlignRight | Qt::AlignVCenter, cell.text);
    } else {
        const qreal middle = box.center().y();
        drawFigures(painter,
                    QRectF(box.left(), middle - lineHeight(TextRole::Body), box.width(), lineHeight(TextRole::Body)),
                    Qt::AlignRight | Qt::AlignVCenter, cell.text);
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(look.tokens.text2);
        drawFigures(painter, QRectF(box.left(), middle, box.width(), lineHeight(TextRole::Caption)),
                    Qt::AlignRight | Qt::AlignVCenter, cell.second);
    }
    const QColor line = look.isStale                      ? look.tokens.off.text
                        : cell.tone == TextTone::Warning  ? look.tokens.warning.text
                        : cell.tone == TextTone::Critical ? look.tokens.critical.text
                                                          : look.tokens.chart[0];
    const qreal numbers = figuresWidth("000.0", painter.font()) + 18;
    const qreal right = box.right() - numbers;
    if (cell.spark.size() > 1 && right - sparkWidth >= box.left() - 2)
        paintSparkline(painter,
                       QRectF(right - sparkWidth, box.center().y() - sparkHeight / 2.0, sparkWidth, sparkHeight),
                       cell.spark, line, look.tokens);
    if (cell.bar && right - barWidth >= box.left() - 2)
        paintBar(painter, QRectF(right - barWidth, box.center().y() - 2.5, barWidth, 5), cell, look);
}

void paintTextCell(QPainter& painter, QRectF box, const Cell& cell, const RowLook& look)
{
    box.setLeft(paintLead(painter, box, cell, look));
    const int room = std::max(0, static_cast<int>(box.width()));
    const TextRole role = cell.isMono      ? TextRole::Mono
                          : look.isSection ? TextRole::Section
                          : cell.isStrong  ? TextRole::BodyStrong
                                           : TextRole::Body;
    painter.setFont(textFont(role));
    painter.setPen(inkOf(cell, look));
    const QString shown = painter.fontMetrics().elidedText(cell.text, Qt::ElideRight, room);
    if (cell.second.isEmpty()) {
        painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
        return;
    }
    const int body = lineHeight(TextRole::Body);
    const int caption = lineHeight(TextRole::Caption);
    const qreal top = box.center().y() - (body + caption - 2) / 2.0;
    painter.drawText(QRectF(box.left(), top, room, body), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(look.tokens.text2);
    painter.drawText(QRectF(box.left(), top + body - 2, room, caption),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(cell.second, Qt::ElideRight, room));
}

}  // namespace

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const RowLook look = lookOf(option, index);
    const Cell cell = index.data(CellRole).value<Cell>();
    painter->save();
    painter->setClipRect(option.rect);
    paintBackground(*painter, option.rect, look);
    const QRectF box =
        QRectF(option.rect)
            .adjusted(look.isFirst ? outerPadding : cellPadding, 0, -(look.isLast ? outerPadding : cellPadding), -1);
    const auto align =
        index.model()->headerData(index.column(), Qt::Horizontal, Qt::TextAlignmentRole).value<Qt::Alignment>();
    if (align.testFlag(Qt::AlignRight))
        paintFigureCell(*painter, box, cell, look);
    else
        paintTextCell(*painter, box, cell, look);
    painter->restore();
}

bool CellDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                             const QModelIndex& index)
{
    if (event->type() != QEvent::ToolTip)
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    const Cell cell = index.data(CellRole).value<Cell>();
    const int lead = cell.indent * indentStep + (cell.isOpen ? 16 : 0) + (cell.glyph ? 24 : 0) +
                     (cell.picture ? pictureWidth + pictureGap : 0);
    const int room = option.rect.width() - 2 * cellPadding - lead;
    const QFontMetrics metrics(textFont(cell.isMono ? TextRole::Mono : TextRole::Body));
    const bool isCut = metrics.horizontalAdvance(cell.text) > room;
    QStringList told;
    if (isCut)
        told << cell.text;
    else if (cell.picture)
        told << cell.picture->whyNone;
    if (QFontMetrics(textFont(TextRole::Caption)).horizontalAdvance(cell.second) > room)
        told << cell.second;
    QToolTip::showText(event->globalPos(), told.join(QLatin1Char('\n')), view);
    return true;
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {scaled(80), scaled(32)};
}

}  // namespace headgate
