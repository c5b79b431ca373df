#pragma once

#include "core/plane/control_plane.h"
#include "ui/shell/settings.h"
#include "ui/shell/tokens.h"

#include <QTimeZone>
#include <QWidget>

class QPushButton;
class QToolButton;

namespace headgate {

class FigureLabel;
class ProductionGuard;
class StageTag;
class StatusGlyph;
class StatusPill;
class TextLabel;

// Above the page: deployment, its stage, what is on air and whether it may be changed, search (opens the palette),
// theme.
class TopBar : public QWidget
{
    Q_OBJECT

public:
    explicit TopBar(QWidget* parent = nullptr);
    void setDeployment(const QString& name);
    void setFrozen(bool frozen);
    void setDarkTheme(bool dark);
    void showGuard(const ProductionGuard& guard, int streamsOnAir);

Q_SIGNALS:
    void stageChosen(headgate::ClusterStage stage);
    void armingToggled();
    void searchRequested();
    void themeToggled();
    void helpRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void chooseStage();

    TextLabel* m_name = nullptr;
    StageTag* m_stage = nullptr;
    StatusPill* m_onAir = nullptr;
    QPushButton* m_lock = nullptr;
    QWidget* m_frozen = nullptr;
    QToolButton* m_theme = nullptr;
};

// Below the page: connection, age of the data, revision; at the right the clocks of deployment, user and UTC.
class StatusBar : public QWidget
{
    Q_OBJECT

public:
    explicit StatusBar(QWidget* parent = nullptr);
    void setLink(const Link& link);
    void setFigures(const Snapshot* snapshot, TimePoint now, TimePoint lastHeard);
    void setClocks(TimePoint now, const QTimeZone& deploymentZone);
    // What the pointer over the connection tells, for example where the API listens.
    void setConnectionNote(const QString& note);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    StatusGlyph* m_glyph = nullptr;
    TextLabel* m_connection = nullptr;
    FigureLabel* m_age = nullptr;
    FigureLabel* m_revision = nullptr;
    TextLabel* m_problem = nullptr;
    FigureLabel* m_clocks = nullptr;
};

}  // namespace headgate
