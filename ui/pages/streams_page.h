#pragma once

#include "ui/frame/page.h"
#include "ui/models/local_history.h"

#include <QString>

class QPushButton;

namespace headgate {

class StreamInspector;
class TablePane;
class TestStreams;

// What is on air, and does it reach everyone?
class StreamsPage : public Page
{
    Q_OBJECT

public:
    StreamsPage(PageContext& context, TestStreams& testStreams, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void reveal(const QString& key) override;  // rows::streamRowKey
    bool closeInspector() override;

    // Asks for group and name.
    void startTestStream();
    StreamInspector& inspector() { return *m_inspector; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void showNothingOnAir(const Snapshot& snapshot);
    void offerChoices(const Snapshot& snapshot);
    void select(const QString& key);
    void showSelected(const Snapshot& snapshot);
    void onTestStreamsChanged();
    QString whereToPublish(const Snapshot& snapshot) const;

    PageContext& m_context;
    TestStreams& m_testStreams;
    LocalHistory m_history;
    TablePane* m_pane = nullptr;
    StreamInspector* m_inspector = nullptr;
    QPushButton* m_start = nullptr;
    QString m_selected;
    QString m_revealed;
    QString m_emptyText;
    bool m_hasChosenFirst = false;
};

}  // namespace headgate
