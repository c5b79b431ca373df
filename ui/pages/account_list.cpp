#include "ui/pages/account_list.h"

#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace headgate {

AccountList::AccountList(TablePane* pane, QWidget* parent)
    : QWidget(parent), m_pane(pane), m_state(new StateView), m_stack(new QStackedWidget)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_pane);
    m_stack->addWidget(m_state);
    column->addWidget(m_stack);
    connect(m_pane, &TablePane::currentKeyChanged, this, &AccountList::select);
    connect(m_pane, &TablePane::rowActivated, this, [this](const QString& key) {
        select(key);
        Q_EMIT activated();
    });
}

void AccountList::select(const QString& key)
{
    if (key == m_selected)
        return;
    m_selected = key;
    Q_EMIT selectionChanged();
}

void AccountList::showLoading(const QString& awaited)
{
    m_state->showLoading(awaited);
    m_stack->setCurrentWidget(m_state);
}

void AccountList::showRows(std::vector<TableRow> rows)
{
    const bool isThere = std::ranges::any_of(rows, [this](const TableRow& row) { return row.key == m_selected; });
    m_pane->setRows(std::move(rows));
    m_stack->setCurrentWidget(m_pane);
    if (!isThere)
        select({});
}

void AccountList::showEmpty(const QString& iconName, const QString& title, const QString& text,
                            std::vector<StateAction> actions)
{
    m_state->showEmpty(iconName, title, text, std::move(actions));
    m_stack->setCurrentWidget(m_state);
    select({});
}

void AccountList::showError(const Error& error, std::function<void()> again)
{
    m_state->showError({}, error, {{tr("Try again"), std::move(again), QStringLiteral("refresh")}});
    m_stack->setCurrentWidget(m_state);
    select({});
}

}  // namespace headgate
