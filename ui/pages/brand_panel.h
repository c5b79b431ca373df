#pragma once

#include <QWidget>

namespace headgate {

// The painted left side of the first run: the flow through a gate into ten places, and the promise.
class BrandPanel : public QWidget
{
    Q_OBJECT

public:
    explicit BrandPanel(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintFlow(QPainter& painter) const;
    void paintGate(QPainter& painter) const;
    void paintWords(QPainter& painter) const;
};

}  // namespace headgate
