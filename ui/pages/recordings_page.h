#pragma once

#include "ui/models/download.h"
#include "ui/pages/recording_removal.h"
#include "ui/pages/table_page.h"

#include <QTimer>

#include <functional>
#include <optional>
#include <vector>

class QLabel;
class QProgressBar;
class QPushButton;

namespace headgate {

class CopyButton;
class Inspector;
class KeyValueList;
class Notice;
class PreviewPlayer;
class TextLabel;

// What was kept, and can it be watched?
class RecordingsPage : public TablePage
{
    Q_OBJECT

public:
    explicit RecordingsPage(PageContext& context, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void refresh() override;
    bool closeInspector() override;

    void loadOlder();
    void deleteSelected();
    // To a file that is asked for.
    void downloadSelected();
    void downloadTo(const QString& path);
    PreviewPlayer& player() { return *m_player; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    void keyPressEvent(QKeyEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    enum class Reading
    {
        Newest,  // replaces what is shown
        Older
    };

    void buildInspector();
    void read(Reading reading);
    void take(Reading reading, Result<RecordingPage> answer);
    void showRecordings();
    void updateActions();
    void play(const Recording& recording);
    void withPass(const Recording& recording, const std::string& url, std::function<void(Result<QString>)> done);
    void showSeveral(const std::vector<Recording>& recordings);
    void tellRemoved();
    void showDownload(const QString& words);
    std::vector<Recording> selectedRecordings() const;
    std::optional<Recording> selected() const;  // if it is one

    std::vector<Recording> m_recordings;  // newest first
    std::string m_next;                   // cursor of what is older; empty: no more
    QString m_readText;
    QString m_played;  // key of what the player has
    bool m_isRead = false;
    bool m_isReading = false;
    bool m_hasOlder = false;  // more than the first page was asked for
    TimePoint m_readAt;
    quint64 m_question = 0;
    QTimer m_searchDelay;
    Download m_download;
    RecordingRemoval m_removal;
    QWidget* m_head = nullptr;
    Notice* m_kept = nullptr;
    QWidget* m_foot = nullptr;
    QPushButton* m_older = nullptr;
    Inspector* m_inspector = nullptr;
    PreviewPlayer* m_player = nullptr;
    TextLabel* m_problem = nullptr;
    KeyValueList* m_facts = nullptr;
    CopyButton* m_copy = nullptr;
    QWidget* m_progressPart = nullptr;
    QProgressBar* m_progress = nullptr;
    TextLabel* m_progressWords = nullptr;
    QPushButton* m_cancel = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
