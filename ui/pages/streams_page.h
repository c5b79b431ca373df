#pragma once

#include "ui/models/local_history.h"
#include "ui/models/thumbnails.h"
#include "ui/pages/table_page.h"

#include <QString>

class QPushButton;
class QStackedWidget;

namespace headgate {

class StreamDetailsView;
class StreamInspector;
class TestStreams;
struct ServedViewer;

// What is on air, and does it reach everyone?
class StreamsPage : public TablePage
{
    Q_OBJECT

public:
    StreamsPage(PageContext& context, TestStreams& testStreams, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    bool closeInspector() override;  // the details first

    // Viewers, tracks and charts of the selected stream, in the place of the table.
    void openDetails();

    // Asks for group and name.
    void startTestStream();
    StreamInspector& inspector() { return *m_inspector; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    void activate(const QString& key) override;  // opens the details
    void keyPressEvent(QKeyEvent* event) override;

private:
    void connectParts();
    std::vector<TableRow> rowsOf(const Snapshot& snapshot) const;
    void askForPictures(const Snapshot& snapshot);
    void fillMenu(QMenu& menu) override;
    void showSnippets();
    void showWay();
    void closeDetails();
    void askDisconnect(const ServedViewer& viewer);
    void disconnectViewer(const ServedViewer& viewer);
    void showNothingOnAir(const Snapshot& snapshot);
    void offerChoices(const Snapshot& snapshot);
    void onTestStreamsChanged();
    QString whereToPublish(const Snapshot& snapshot) const;

    TestStreams& m_testStreams;
    LocalHistory m_history;
    Thumbnails m_thumbnails;
    QStackedWidget* m_views = nullptr;
    StreamDetailsView* m_details = nullptr;
    StreamInspector* m_inspector = nullptr;
    QPushButton* m_start = nullptr;
    QString m_emptyText;
    bool m_hasChosenFirst = false;
};

}  // namespace headgate
