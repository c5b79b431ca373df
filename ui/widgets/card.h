#pragma once

#include <QFrame>

class QHBoxLayout;
class QVBoxLayout;

namespace headgate {

class ElidedLabel;
class TextLabel;

// A titled surface with a border: title, note (elided), room at the right for a legend or a link, body.
class Card : public QFrame
{
    Q_OBJECT

public:
    explicit Card(const QString& title = {}, QWidget* parent = nullptr);
    void setTitle(const QString& title);
    void setNote(const QString& note);
    void addHeaderWidget(QWidget* widget);  // rightmost
    QVBoxLayout* body() const { return m_body; }

private:
    TextLabel* m_title = nullptr;
    ElidedLabel* m_note = nullptr;
    QHBoxLayout* m_header = nullptr;
    QVBoxLayout* m_body = nullptr;
};

}  // namespace headgate
