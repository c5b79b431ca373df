#pragma once

#include "ui/models/cell.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/state_view.h"

#include <QWidget>

#include <vector>

class QStackedWidget;

namespace headgate {

// A table that is asked for, and what stands in its place until it has come, if there is nothing, or if it failed.
class AccountList : public QWidget
{
    Q_OBJECT

public:
    explicit AccountList(TablePane* pane, QWidget* parent = nullptr);

    TablePane& pane() { return *m_pane; }
    StateView& state() { return *m_state; }
    QString selected() const { return m_selected; }

    void showLoading(const QString& awaited);
    void showRows(std::vector<TableRow> rows);
    void showEmpty(const QString& iconName, const QString& title, const QString& text,
                   std::vector<StateAction> actions);
    void showError(const Error& error, std::function<void()> again);

Q_SIGNALS:
    void selectionChanged();
    void activated();

private:
    void select(const QString& key);

    TablePane* m_pane;
    StateView* m_state;
    QStackedWidget* m_stack;
    QString m_selected;
};

}  // namespace headgate
