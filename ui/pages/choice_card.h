#pragma once

#include "ui/shell/theme.h"

#include <QAbstractButton>
#include <QString>

namespace headgate {

// One of a few large choices: icon, radio mark, title, what it means.
class ChoiceCard : public QAbstractButton
{
    Q_OBJECT

public:
    ChoiceCard(const QString& iconName, const QString& title, const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    int wrappedHeight(const QString& words, TextRole role) const;
    void paintRadio(QPainter& painter) const;

    QString m_icon;
    QString m_text;
};

}  // namespace headgate
