#pragma once

#include "ui/shell/tokens.h"

#include <QWidget>

class QPainter;

namespace headgate {

// Paints the shape of `status` into a square; 14 px is the size it is drawn for.
void paintGlyph(QPainter& painter, const QRectF& square, Status status, const Tokens& tokens);

// A glyph alone. Give it an accessible name, or put the word beside it.
class StatusGlyph : public QWidget
{
    Q_OBJECT

public:
    explicit StatusGlyph(Status status, QWidget* parent = nullptr);
    void setStatus(Status status);
    void setSide(int px);
    Status status() const { return m_status; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Status m_status;
    int m_side = 14;
};

// Glyph and word on the status' pill. Without a glyph it is a plain tag.
class StatusPill : public QWidget
{
    Q_OBJECT

public:
    enum class Shape
    {
        WithGlyph,
        WordOnly
    };

    explicit StatusPill(QWidget* parent = nullptr);
    StatusPill(Status status, const QString& word, QWidget* parent = nullptr);
    void setStatus(Status status, const QString& word, Shape shape = Shape::WithGlyph);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Status m_status = Status::Off;
    Shape m_shape = Shape::WithGlyph;
    QString m_word;
};

}  // namespace headgate
