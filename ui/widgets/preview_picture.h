#pragma once

#include <QImage>
#include <QString>
#include <QWidget>

namespace headgate {

// The words that lie over a picture.
struct PictureWords
{
    QString badge;   // "Live, 0.4 s behind"; empty: none
    QString title;   // in the middle, dims the picture
    QString reason;  // below the title
    bool operator==(const PictureWords&) const = default;
};

// The picture of a player, 16:9, with room for its controls at the bottom.
class PreviewPicture : public QWidget
{
    Q_OBJECT

public:
    static constexpr int barHeight = 40;

    explicit PreviewPicture(QWidget* parent = nullptr);

    void setFrame(const QImage& frame);
    const QImage& frame() const { return m_frame; }
    void setWords(const PictureWords& words);
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return width * 9 / 16; }

Q_SIGNALS:
    // Once for each frame that was painted, right after it.
    void frameShown();
    void doubleClicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;

private:
    void paintMiddle(QPainter& painter) const;
    void paintBadge(QPainter& painter) const;

    QImage m_frame;
    bool m_isNew = false;  // m_frame was not painted yet
    PictureWords m_words;
};

// `frame` as large as it fits into `target`, in its middle.
void paintFrame(QPainter& painter, const QRectF& target, const QImage& frame);

}  // namespace headgate
