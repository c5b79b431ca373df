#pragma once

#include "ui/shell/tokens.h"

#include <QFrame>

#include <functional>

class QHBoxLayout;

namespace headgate {

class StatusGlyph;
class TextLabel;

// A paragraph on a status' background: glyph, headline, text, and links at its right. Warnings in forms, verdicts,
// the stale banner.
class Notice : public QFrame
{
    Q_OBJECT

public:
    explicit Notice(QWidget* parent = nullptr);
    void setContent(Status status, const QString& headline, const QString& text = {});
    void setAction(const QString& text, std::function<void()> run);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Status m_status = Status::Warning;
    StatusGlyph* m_glyph = nullptr;
    TextLabel* m_headline = nullptr;
    TextLabel* m_text = nullptr;
    QHBoxLayout* m_links = nullptr;
};

}  // namespace headgate
