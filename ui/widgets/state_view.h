#pragma once

#include "core/base/result.h"

#include <QWidget>

#include <functional>
#include <vector>

class QPushButton;

namespace headgate {

enum class ActionNeed
{
    Nothing,
    FreshData  // it changes something: see StateView::setReadOnly()
};

struct StateAction
{
    QString text;
    std::function<void()> run;
    QString iconName;
    ActionNeed need = ActionNeed::Nothing;
};

// What stands in the place of content that is not there. The first action is the primary one.
class StateView : public QWidget
{
    Q_OBJECT

public:
    explicit StateView(QWidget* parent = nullptr);

    void showEmpty(const QString& iconName, const QString& title, const QString& text,
                   std::vector<StateAction> actions = {});

    // Nothing for 200 ms, then skeleton rows, after 5 s the line `awaited`.
    void showLoading(const QString& awaited);

    // What failed, why and what to do; "Copy details" is added by itself.
    void showError(const QString& title, const Error& error, std::vector<StateAction> actions = {});

    // Actions that need fresh data are disabled with `why` as their tooltip; empty enables them.
    void setReadOnly(const QString& why);

private:
    void replaceBody(QWidget* body);
    QWidget* centredColumn(QWidget* picture, const QString& title, const QString& text,
                           const std::vector<StateAction>& actions);

    QWidget* m_body = nullptr;
    std::vector<QPushButton*> m_changing;
    QString m_whyReadOnly;
};

}  // namespace headgate
