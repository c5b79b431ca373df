#include "ui/widgets/key_value_list.h"

#include "ui/shell/stale.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QGridLayout>
#include <QHBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr const char* rowProperty = "row";

QWidget* valueWidget(const KeyValue& row)
{
    if (row.style == ValueStyle::Figure) {
        auto* figure = new FigureLabel(TextRole::SmallStrong);
        figure->setText(row.value);
        return figure;
    }
    auto* label = new TextLabel(row.value, row.style == ValueStyle::Mono ? TextRole::Mono : TextRole::SmallStrong);
    label->setWordWrap(true);
    if (row.style == ValueStyle::Mono)
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QWidget* withGlyph(Status status, QWidget* value)
{
    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    row->addWidget(new StatusGlyph(status));
    row->addWidget(value, 1);
    return box;
}

bool differOnlyInText(const KeyValue& a, const KeyValue& b)
{
    return a.key == b.key && a.style == b.style && a.status == b.status;
}

}  // namespace

KeyValueList::KeyValueList(QWidget* parent) : QWidget(parent)
{
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(5);
    m_grid->setColumnMinimumWidth(0, scaled(96));
    m_grid->setColumnStretch(1, 1);
}

void KeyValueList::setRows(const std::vector<KeyValue>& rows)
{
    if (rows == m_rows)
        return;
    const bool sameShape =
        rows.size() == m_rows.size() && std::equal(rows.begin(), rows.end(), m_rows.begin(), differOnlyInText);
    m_rows = rows;
    if (!sameShape) {
        rebuild();
        return;
    }
    const QList<QWidget*> children = findChildren<QWidget*>();
    for (QWidget* child : children) {
        const QVariant index = child->property(rowProperty);
        if (!index.isValid())
            continue;
        const QString& value = m_rows.at(index.toUInt()).value;
        if (auto* figure = qobject_cast<FigureLabel*>(child))
            figure->setText(value);
        else if (auto* label = qobject_cast<QLabel*>(child))
            label->setText(value);
    }
}

void KeyValueList::rebuild()
{
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        if (item->widget() != nullptr) {
            item->widget()->hide();
            item->widget()->setParent(nullptr);
            item->widget()->deleteLater();
        }
        delete item;
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        auto* key = new TextLabel(m_rows[i].key, TextRole::Small, TextTone::Secondary);
        QWidget* value = valueWidget(m_rows[i]);
        value->setProperty(rowProperty, static_cast<uint>(i));
        value->setAccessibleDescription(m_rows[i].key);
        const int row = static_cast<int>(i);
        m_grid->addWidget(key, row, 0, Qt::AlignTop);
        m_grid->addWidget(m_rows[i].status ? withGlyph(*m_rows[i].status, value) : value, row, 1);
    }
}

}  // namespace headgate
