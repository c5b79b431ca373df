#pragma once

#include <QString>
#include <QTimer>
#include <QWidget>

#include <functional>

class QPushButton;

namespace headgate {

struct ToastMessage
{
    QString text;
    std::function<void()> undo;  // none = nothing to undo
};

// The bar at the bottom centre: what changed, seconds left, Undo. Waits while pointer or focus is in it.
class Toast : public QWidget
{
    Q_OBJECT

public:
    explicit Toast(QWidget* parent);
    void present(ToastMessage message, int lastsSeconds = 10);
    void undo();
    bool canUndo() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void tick();
    void place();

    ToastMessage m_message;
    int m_secondsLeft = 0;
    QTimer m_timer;
    QPushButton* m_undo = nullptr;
    QPushButton* m_close = nullptr;
};

}  // namespace headgate
