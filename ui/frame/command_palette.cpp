#include "ui/frame/command_palette.h"

#include "ui/shell/icon.h"
#include "ui/shell/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace headgate {

namespace {

constexpr int boxWidth = 640;
constexpr int rowHeight = 38;
constexpr int headingHeight = 30;
constexpr int queryHeight = 54;
constexpr int footHeight = 36;
constexpr int maxRows = 9;

enum Role
{
    EntryRole = Qt::UserRole + 1,
    EffectRole,
    IconRole,
    ShortcutRole,
    HeadingRole
};

class PaletteDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override
    {
        return {10, scaled(index.data(HeadingRole).toBool() ? headingHeight : rowHeight)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& t = tokensOf(option.widget);
        const QRectF box = QRectF(option.rect).adjusted(8, 1, -8, -1);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (index.data(HeadingRole).toBool()) {
            painter->setFont(textFont(TextRole::Caption));
            painter->setPen(t.text2);
            painter->drawText(box.adjusted(10, 4, 0, 0), Qt::AlignVCenter, index.data().toString());
            painter->restore();
            return;
        }
        const bool isSelected = option.state.testFlag(QStyle::State_Selected);
        if (isSelected) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(t.selected);
            painter->drawRoundedRect(box, 6, 6);
        }
        paintIcon(*painter, QRectF(box.left() + 12, box.center().y() - 8, 16, 16), index.data(IconRole).toString(),
                  isSelected ? t.accent : t.text2);
        painter->setFont(textFont(TextRole::BodyStrong));
        painter->setPen(t.text1);
        const QString text = index.data().toString();
        painter->drawText(box.adjusted(42, 0, 0, 0), Qt::AlignVCenter, text);
        const qreal x = box.left() + 42 + painter->fontMetrics().horizontalAdvance(text) + 10;
        qreal right = box.right() - 12;
        const QString keys = index.data(ShortcutRole).toString();
        painter->setFont(textFont(TextRole::CaptionStrong));
        if (!keys.isEmpty()) {
            const qreal wide = painter->fontMetrics().horizontalAdvance(keys) + 14;
            const QRectF pill(right - wide, box.center().y() - scaled(10), wide, scaled(20));
            painter->setPen(Qt::NoPen);
            painter->setBrush(t.off.pill);
            painter->drawRoundedRect(pill, 4, 4);
            painter->setPen(t.text2);
            painter->drawText(pill, Qt::AlignCenter, keys);
            right = pill.left() - 8;
        }
        painter->setFont(textFont(TextRole::Small));
        painter->setPen(t.text2);
        const int room = std::max(0, static_cast<int>(right - x));
        painter->drawText(QRectF(x, box.top(), room, box.height()), Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(EffectRole).toString(), Qt::ElideRight, room));
        painter->restore();
    }
};

}  // namespace

int fuzzyScore(const QString& query, const QString& text)
{
    const QStringList wanted = query.toCaseFolded().split(' ', Qt::SkipEmptyParts);
    const QString folded = text.toCaseFolded();
    const QStringList words = folded.split(' ', Qt::SkipEmptyParts);
    int score = 1;
    for (const QString& part : wanted) {
        const bool begins =
            std::any_of(words.begin(), words.end(), [&](const QString& word) { return word.startsWith(part); });
        if (begins)
            score += folded.startsWith(part) ? 30 : 20;
        else if (folded.contains(part))
            score += 8;
        else
            return 0;
    }
    return score;
}

CommandPalette::CommandPalette(QWidget* window) : QWidget(window)
{
    setAccessibleName(tr("Commands"));
    m_query = new QLineEdit(this);
    m_query->setProperty("bare", true);
    m_query->setPlaceholderText(tr("Search or run a command"));
    m_query->setAccessibleName(tr("Search or run a command"));
    m_query->installEventFilter(this);
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Commands that fit"));
    m_list->setItemDelegate(new PaletteDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->viewport()->setAutoFillBackground(false);
    m_list->setAutoFillBackground(false);
    connect(m_query, &QLineEdit::textChanged, this, &CommandPalette::refill);
    connect(m_list, &QListWidget::itemClicked, this, [this] { runCurrent(); });
    window->installEventFilter(this);
    hide();
}

void CommandPalette::open(std::vector<PaletteAction> goTo, std::vector<PaletteAction> run, const QString& selected)
{
    m_selected = selected;
    m_entries.clear();
    for (PaletteAction& action : run)
        if (!action.object.isEmpty())
            m_entries.push_back({action, tr("On %1").arg(action.object)});
    for (PaletteAction& action : goTo)
        m_entries.push_back({std::move(action), tr("Go to")});
    for (PaletteAction& action : run)
        if (action.object.isEmpty())
            m_entries.push_back({std::move(action), tr("Run")});
    m_query->clear();
    refill();
    place();
    show();
    raise();
    m_query->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::refill()
{
    m_list->clear();
    const QString query = m_query->text().trimmed();
    QStringList sections;
    for (const Entry& entry : m_entries)
        if (!sections.contains(entry.section))
            sections << entry.section;
    for (const QString& section : sections) {
        std::vector<std::pair<int, std::size_t>> hits;
        for (std::size_t i = 0; i < m_entries.size(); ++i) {
            if (m_entries[i].section != section)
                continue;
            const PaletteAction& action = m_entries[i].action;
            const int score = std::max(fuzzyScore(query, action.text), fuzzyScore(query, action.effect) / 2);
            const auto recent = m_recent.indexOf(action.text);
            if (score > 0)
                hits.emplace_back(score + (recent >= 0 ? 10 - std::min<int>(9, static_cast<int>(recent)) : 0), i);
        }
        std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        if (hits.empty())
            continue;
        auto* heading = new QListWidgetItem(section, m_list);
        heading->setData(HeadingRole, true);
        heading->setFlags(Qt::NoItemFlags);
        for (const auto& [score, i] : hits) {
            const PaletteAction& action = m_entries[i].action;
            auto* item = new QListWidgetItem(action.text, m_list);
            item->setData(EntryRole, static_cast<int>(i));
            item->setData(EffectRole, action.effect);
            item->setData(IconRole, action.iconName);
            item->setData(ShortcutRole, action.shortcut);
        }
    }
    if (m_list->count() > 1)
        m_list->setCurrentRow(1);
    place();
}

QRect CommandPalette::boxRect() const
{
    int content = 0;
    for (int i = 0; i < m_list->count(); ++i)
        content += m_list->sizeHintForRow(i);
    const int most = scaled(rowHeight) * maxRows + scaled(headingHeight) * 2;
    const int list = std::clamp(content, scaled(rowHeight), most);
    const int width = std::min(scaled(boxWidth), this->width() - 40);
    return {(this->width() - width) / 2, height() / 8, width, scaled(queryHeight) + list + scaled(footHeight) + 12};
}

void CommandPalette::place()
{
    setGeometry(parentWidget()->rect());
    const QRect box = boxRect();
    m_query->setGeometry(box.left() + 48, box.top() + 10, box.width() - 72, scaled(queryHeight) - 20);
    m_list->setGeometry(box.left() + 1, box.top() + scaled(queryHeight) + 5, box.width() - 2,
                        box.height() - scaled(queryHeight) - scaled(footHeight) - 12);
    update();
}

void CommandPalette::step(int direction)
{
    const int count = m_list->count();
    for (int i = 1; i <= count; ++i) {
        const int row = (m_list->currentRow() + direction * i + count * count) % count;
        if (m_list->item(row)->data(HeadingRole).toBool())
            continue;
        m_list->setCurrentRow(row);
        m_list->scrollToItem(m_list->item(row));
        m_query->setAccessibleDescription(m_list->item(row)->text());
        return;
    }
}

void CommandPalette::runCurrent()
{
    const QListWidgetItem* item = m_list->currentItem();
    hide();
    Q_EMIT closed();
    if (item == nullptr || item->data(HeadingRole).toBool())
        return;
    const PaletteAction action = m_entries[item->data(EntryRole).toUInt()].action;
    m_recent.removeAll(action.text);
    m_recent.prepend(action.text);
    if (action.run)
        action.run();
}

void CommandPalette::copyCurrent()
{
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr || item->data(HeadingRole).toBool())
        return;
    const PaletteAction& action = m_entries[item->data(EntryRole).toUInt()].action;
    if (action.asCommand)
        QGuiApplication::clipboard()->setText(shellCommand(action.asCommand(), {}).full);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
        place();
    if (watched != m_query || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    switch (key->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (m_list->count() > 1)
            step(key->key() == Qt::Key_Down ? 1 : -1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        runCurrent();
        return true;
    case Qt::Key_Escape:
        hide();
        Q_EMIT closed();
        return true;
    case Qt::Key_C:
        if (key->modifiers() == Qt::ControlModifier && !m_query->hasSelectedText()) {
            copyCurrent();
            return true;
        }
        return false;
    case Qt::Key_Tab:
    case Qt::Key_Backtab:
        return true;
    default:
        return false;
    }
}

void CommandPalette::mousePressEvent(QMouseEvent* event)
{
    if (boxRect().contains(event->position().toPoint()))
        return;
    hide();
    Q_EMIT closed();
}

void CommandPalette::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    painter.fillRect(rect(), t.scrim);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = boxRect();
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(t.videoBack, 0.04));
    for (int spread : {12, 6, 2})
        painter.drawRoundedRect(box.adjusted(-spread, -spread + 4, spread, spread + 6), 12 + spread, 12 + spread);
    painter.setPen(t.borderStrong);
    painter.setBrush(t.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 12, 12);
    const qreal top = box.top() + scaled(queryHeight);
    painter.fillRect(QRectF(box.left() + 1, top, box.width() - 2, 1), t.border);
    paintIcon(painter, QRectF(box.left() + 19, box.top() + scaled(queryHeight) / 2.0 - 8, 16, 16), "search", t.text2);
    const qreal foot = box.bottom() - scaled(footHeight);
    painter.fillRect(QRectF(box.left() + 1, foot, box.width() - 2, 1), t.border);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(t.text2);
    const QRectF line(box.left() + 18, foot, box.width() - 36, scaled(footHeight));
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     tr("Up and Down to choose, Enter to run, Ctrl+C to copy the command line"));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, tr("Esc to close"));
    if (m_list->count() > 0)
        return;
    painter.setFont(textFont(TextRole::Body));
    painter.drawText(QRectF(box.left(), top, box.width(), foot - top), Qt::AlignCenter,
                     tr("No command matches %1").arg(m_query->text()));
}

}  // namespace headgate
