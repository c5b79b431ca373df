#pragma once

#include "core/base/result.h"

#include <QWidget>

#include <functional>
#include <vector>

class QStackedLayout;
class QTimer;

namespace headgate {

struct StateAction
{
    QString text;
    std::function<void()> run;
    QString iconName;
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

private:
    void replaceBody(QWidget* body);

    QWidget* m_body = nullptr;
};

}  // namespace headgate
