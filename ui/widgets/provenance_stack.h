#pragma once

#include <QString>
#include <QWidget>

#include <vector>

namespace headgate {

struct ProvenanceLayer
{
    QString title;    // "Overlay Doors"
    QString second;   // "priority 200"
    QString value;    // what it says: "floor 40"
    int colour = -1;  // of the chart palette; -1: neutral

    bool operator==(const ProvenanceLayer&) const = default;
};

// Where a value comes from: layers in the order in which they were applied, the result below them.
class ProvenanceStack : public QWidget
{
    Q_OBJECT

public:
    explicit ProvenanceStack(QWidget* parent = nullptr);
    void setLayers(std::vector<ProvenanceLayer> layers, const QString& result);
    const std::vector<ProvenanceLayer>& layers() const { return m_layers; }
    const QString& result() const { return m_result; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int rowHeight() const;

    std::vector<ProvenanceLayer> m_layers;
    QString m_result;
};

}  // namespace headgate
