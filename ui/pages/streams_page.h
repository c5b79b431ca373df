#pragma once

#include "ui/frame/page.h"
#include "ui/models/local_history.h"
#include "ui/models/thumbnails.h"

#include <QString>

class QPushButton;
class QStackedWidget;

namespace headgate {

class StreamDetailsView;
class StreamInspector;
class TablePane;
class TestStreams;
struct ServedViewer;

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
    bool closeInspector() override;            // the details first

    // Viewers, tracks and charts of the selected stream, in the place of the table.
    void openDetails();

    // Asks for group and name.
    void startTestStream();
    StreamInspector& inspector() { return *m_inspector; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void connectParts();
    void showRows(const Snapshot& snapshot);
    void askForPictures(const Snapshot& snapshot);
    void showMenu(const QPoint& at);
    void showSnippets();
    void closeDetails();
    void askDisconnect(const ServedViewer& viewer);
    void disconnectViewer(const ServedViewer& viewer);
    void showNothingOnAir(const Snapshot& snapshot);
    void offerChoices(const Snapshot& snapshot);
    void select(const QString& key);
    void showSelected(const Snapshot& snapshot);
    void onTestStreamsChanged();
    QString whereToPublish(const Snapshot& snapshot) const;

    PageContext& m_context;
    TestStreams& m_testStreams;
    LocalHistory m_history;
    Thumbnails m_thumbnails;
    QStackedWidget* m_views = nullptr;
    TablePane* m_pane = nullptr;
    StreamDetailsView* m_details = nullptr;
    StreamInspector* m_inspector = nullptr;
    QPushButton* m_start = nullptr;
    QString m_selected;
    QString m_revealed;
    QString m_emptyText;
    bool m_hasChosenFirst = false;
};

}  // namespace headgate
