#pragma once

#include "ui/frame/page.h"

#include <QWidget>

#include <vector>

class QLineEdit;
class QListWidget;

namespace headgate {

// How well `query` fits `text`: every word of the query begins or is inside a word of the text. 0 = not at all.
int fuzzyScore(const QString& query, const QString& text);

// Go to and run anything, over a scrim. Rows are grouped: on the selected object, go to, run; recent ones first.
class CommandPalette : public QWidget
{
    Q_OBJECT

public:
    explicit CommandPalette(QWidget* window);

    // The actions as they are now; `selected` names the object that "On ..." acts on, may be empty.
    void open(std::vector<PaletteAction> goTo, std::vector<PaletteAction> run, const QString& selected);

Q_SIGNALS:
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Entry
    {
        PaletteAction action;
        QString section;
    };

    void refill();
    void place();
    void step(int direction);
    void runCurrent();
    void copyCurrent();
    QRect boxRect() const;

    QLineEdit* m_query = nullptr;
    QListWidget* m_list = nullptr;
    QString m_selected;
    std::vector<Entry> m_entries;
    QStringList m_recent;
};

}  // namespace headgate
