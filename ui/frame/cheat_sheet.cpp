#include "ui/frame/cheat_sheet.h"

#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"

#include <QGridLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

std::vector<KeyValue> rowsOf(const std::vector<PaletteAction>& actions)
{
    std::vector<KeyValue> rows;
    for (const PaletteAction& action : actions)
        if (!action.shortcut.isEmpty())
            rows.push_back({action.shortcut, action.text, ValueStyle::Text, {}});
    return rows;
}

QVBoxLayout* block(const QString& title, const std::vector<KeyValue>& rows)
{
    auto* column = new QVBoxLayout;
    column->setSpacing(8);
    column->addWidget(new TextLabel(title, TextRole::Section));
    auto* list = new KeyValueList;
    list->setRows(rows);
    column->addWidget(list);
    column->addStretch(1);
    return column;
}

}  // namespace

CheatSheet::CheatSheet(const std::vector<PaletteAction>& goTo, const std::vector<PaletteAction>& ofPage,
                       QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Keyboard"));
    setAccessibleName(tr("Keyboard"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 20);
    column->setSpacing(16);
    column->addWidget(new TextLabel(tr("Keyboard"), TextRole::Title));
    auto* blocks = new QHBoxLayout;
    blocks->setSpacing(32);
    std::vector<KeyValue> pages = rowsOf(goTo);
    pages.push_back({tr("Ctrl 1 to 9"), tr("Pages in this order"), ValueStyle::Text, {}});
    blocks->addLayout(block(tr("Go to"), pages));
    blocks->addLayout(block(tr("Everywhere"), {{"Ctrl K", tr("Search or run a command"), ValueStyle::Text, {}},
                                               {tr("/ or Ctrl F"), tr("Filter this page"), ValueStyle::Text, {}},
                                               {"F6", tr("Rail, page, inspector"), ValueStyle::Text, {}},
                                               {"F5", tr("Refresh"), ValueStyle::Text, {}},
                                               {"Ctrl .", tr("Freeze view"), ValueStyle::Text, {}},
                                               {"Ctrl Z", tr("Undo"), ValueStyle::Text, {}},
                                               {"Ctrl Shift Z", tr("Redo"), ValueStyle::Text, {}},
                                               {"Enter", tr("Open the inspector"), ValueStyle::Text, {}},
                                               {"Esc", tr("Step back, close"), ValueStyle::Text, {}},
                                               {"?", tr("This sheet"), ValueStyle::Text, {}}}));
    const std::vector<KeyValue> own = rowsOf(ofPage);
    if (!own.empty())
        blocks->addLayout(block(tr("This page"), own));
    column->addLayout(blocks);
    QPushButton* close = makeButton(tr("Close"));
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(close);
    column->addLayout(row);
}

}  // namespace headgate
