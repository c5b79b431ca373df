#pragma once

#include "ui/shell/tokens.h"

#include <QWidget>

#include <vector>

namespace headgate {

// One hop of a stream's way; `depth` 0 is the publisher. A hop hangs below the last one of smaller depth.
struct RouteHop
{
    int depth = 0;
    Status status = Status::Ok;
    QString title;
    QString second;
    QString figure;        // right, first line
    QString secondFigure;  // right, second line
    QString key;           // told when it is activated; empty = nothing to open
    bool operator==(const RouteHop&) const = default;
};

// Publisher, origin, relays and edges as a tree with their figures at the right.
class RouteTree : public QWidget
{
    Q_OBJECT

public:
    explicit RouteTree(QWidget* parent = nullptr);
    void setHops(std::vector<RouteHop> hops);
    const std::vector<RouteHop>& hops() const { return m_hops; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void hopActivated(const QString& key);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int rowHeight() const;

    std::vector<RouteHop> m_hops;
    int m_current = 0;
};

}  // namespace headgate
