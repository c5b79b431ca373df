#pragma once

#include "core/plan/what_if.h"

#include <QWidget>

#include <vector>

class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;

namespace headgate {

class CopyButton;
class Notice;
class TextLabel;

// What came of it in words: verdict, findings, and what was decided until the instant that is looked at.
class WhatIfFindings : public QWidget
{
    Q_OBJECT

public:
    explicit WhatIfFindings(QWidget* parent = nullptr);

    void setAnswer(const WhatIfAnswer& answer, TimePoint start);
    // Instead of an answer.
    void setError(const Error& error);
    void setScrubber(int atS);
    // What the command names.
    void setFile(const QString& path);

    QString verdictText() const { return m_text; }

Q_SIGNALS:
    void saveRequested();

private:
    void showDecisions();

    std::vector<WhatIfDecision> m_decisions;
    TimePoint m_start;
    int m_atS = 0;
    QString m_text;
    Notice* m_verdict = nullptr;
    TextLabel* m_findings = nullptr;
    TextLabel* m_until = nullptr;
    QPlainTextEdit* m_log = nullptr;
    CopyButton* m_copy = nullptr;
    CopyButton* m_command = nullptr;
    QPushButton* m_save = nullptr;
};

}  // namespace headgate
