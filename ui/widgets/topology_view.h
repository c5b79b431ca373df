#pragma once

#include "ui/models/topology.h"

#include <QAbstractScrollArea>
#include <QRectF>

#include <set>
#include <vector>

class QPainter;

namespace headgate {

// The topology from left to right: boxes in columns, links as thick as their bit rates. Up and Down move in a column,
// Left and Right between columns, Enter activates. All painted; a table with the same content stands beside it.
class TopologyView : public QAbstractScrollArea
{
    Q_OBJECT

public:
    explicit TopologyView(QWidget* parent = nullptr);

    void setTopology(Topology topology);
    const Topology& topology() const { return m_topology; }

    // Links tell their bit rates.
    void setFiguresShown(bool areShown);

    // Nothing if there is no such box. What hangs below it is brought out.
    void select(const QString& key);
    const QString& selectedKey() const { return m_selected; }

    // In the viewport; empty if the key is unknown.
    QRectF rectOf(const QString& key) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void boxChosen(const QString& key);
    void boxActivated(const QString& key);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Column
    {
        TopologyTier tier = TopologyTier::Publishers;
        std::size_t first = 0;  // box
        std::size_t end = 0;
        qreal left = 0;
    };
    // A region across all columns.
    struct Band
    {
        QString region;
        qreal top = 0;
    };

    void layOut();
    void findReach();
    void choose(std::size_t box);
    int boxAt(QPointF at) const;  // -1: none
    int indexOf(const QString& key) const;
    void layOutColumns();
    qreal layOutBand(const QString& region, qreal top);
    void paintHeads(QPainter& painter) const;
    void paintRegions(QPainter& painter, const QRectF& seen) const;
    void paintLink(QPainter& painter, const TopologyLink& link, const QRectF& seen) const;
    void paintFigure(QPainter& painter, const TopologyLink& link) const;
    bool isSideways(const TopologyLink& link) const;
    void paintBox(QPainter& painter, std::size_t box) const;
    bool isInReach(const TopologyLink& link) const;

    Topology m_topology;
    QString m_selected;
    bool m_hasFigures = false;
    std::vector<Column> m_columns;
    std::vector<Band> m_bands;
    std::vector<QRectF> m_rects;    // of the boxes, before scrolling
    std::set<std::size_t> m_reach;  // what the selected box feeds, and itself
    qreal m_boxWidth = 0;
};

}  // namespace headgate
