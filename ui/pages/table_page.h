#pragma once

#include "ui/dialogs/typed_confirmation.h"
#include "ui/frame/page.h"
#include "ui/models/cell.h"
#include "ui/models/intent.h"

#include <QString>

#include <functional>
#include <initializer_list>
#include <vector>

class QMenu;

namespace headgate {

class ChangePreview;
class TablePane;

// A page that is a table and, beside it, a panel on what is selected there. Selection and panel stay with their row
// when a snapshot comes, and go with it.
class TablePage : public Page
{
    Q_OBJECT

public:
    void focusFilter() override;
    void reveal(const QString& key) override;  // at once, or as soon as there is such a row
    bool closeInspector() override;

protected:
    TablePage(PageIdentity identity, PageContext& context, TablePane* pane, QWidget* parent);

    // Shows what is selected in its panel; false if it is not there any more.
    virtual bool showSelected(const Snapshot& snapshot) = 0;
    // While it is, the table is there to look at: selecting shows nothing.
    virtual bool isEditing() const { return false; }
    virtual void select(const QString& key);
    virtual void activate(const QString& key);  // Enter or double click on a row; selects it

    void onControlPlaneChanged() override;
    void onStaleChanged() override;

    PageContext& context() const { return m_context; }
    TablePane& pane() const { return *m_pane; }
    const QString& selectedKey() const { return m_selected; }  // empty: nothing is selected
    void forgetSelection();

    // Rows of a snapshot; what is selected or is to be revealed follows.
    void follow(const Snapshot& snapshot, std::vector<TableRow> rows);
    // Instead of rows: closes the panel too.
    void showNone(const QString& iconName, const QString& title, const QString& text, std::vector<StateAction> actions);

    // Once: what may stand beside the page, of which one is seen at a time. Inspectors close themselves.
    void setPanels(std::initializer_list<QWidget*> panels);
    virtual void showPanel(QWidget* panel);  // null: none
    bool hasPanel() const;

    // Its dry runs and commands go through this page.
    void serve(ChangePreview& preview);
    ShellMaker shellMaker() const;
    ShellSource shellSource(Command command, std::optional<std::uint64_t> ifVersion = {}) const;
    // On what is selected: its actions, and each of them as a command.
    virtual void fillMenu(QMenu& menu);
    // Asks for a dry run; why it would be refused is told in place of `then`.
    void foresee(const Intent& intent, std::function<void(const CommandOutcome&)> then);
    // Dry run, the question that is made of it, and `confirmed` if the answer is yes.
    void askFirst(const Intent& intent, std::function<ConfirmationQuestion(const CommandOutcome&)> question,
                  std::function<void()> confirmed);
    // Sends it, then tells `done`, or why not.
    void commit(const Intent& intent, const QString& done, std::function<void()> undo = {});
    // Undoes something by another command, which goes by what is there then; tells `done`.
    std::function<void()> undoWith(Command command, const QString& done);
    void report(const QString& text, std::function<void()> undo = {});

private:
    void showMenu(const QPoint& at);
    void showOrClose(const Snapshot& snapshot);

    PageContext& m_context;
    TablePane* m_pane;
    QWidget* m_side = nullptr;
    std::vector<QWidget*> m_panels;
    QString m_selected;
    QString m_revealed;  // selected as soon as it is there
};

}  // namespace headgate
