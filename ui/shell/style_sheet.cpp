#include "ui/shell/style.h"

#include <QHash>
#include <QRegularExpression>

namespace headgate {

namespace {

// @name is a token, %N is N pixels at the user's text size. A focus border of 2 px has 1 px less padding, or the text
// would jump.
constexpr const char* sheetTemplate = R"(
QWidget#surface { background: @surface; }
QWidget#window { background: @window; }
QFrame[card="true"] { background: @surface; border: 1px solid @border; border-radius: 8px; }
QFrame[panel="true"] { background: @surface; border: 0; }
QFrame[field="true"] { background: @sunken; border: 1px solid @border; border-radius: 6px; }
QScrollArea { background: transparent; border: 0; }
QStackedWidget { background: transparent; }

QPushButton { background: @surface; color: @text1; border: 1px solid @borderStrong; border-radius: 6px;
  padding: 0 12px; min-height: %28; font-size: %13; font-weight: 500; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @sunken; }
QPushButton:focus { border: 2px solid @accent; padding: 0 11px; min-height: %26; }
QPushButton:disabled { background: @sunken; color: @text3; border-color: @border; }
QPushButton[kind="primary"] { background: @accentFill; color: @onFill; border-color: @accentFill; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: @accentFillHover; border-color: @accentFillHover; }
QPushButton[kind="primary"]:focus { border: 2px solid @text1; }
QPushButton[kind="primary"]:disabled { background: @sunken; color: @text3; border-color: @border; }
QPushButton[kind="ghost"] { background: transparent; border-color: transparent; color: @text2; }
QPushButton[kind="ghost"]:hover { background: @hover; color: @text1; }
QPushButton[kind="ghost"]:focus { border: 2px solid @accent; }
QPushButton[kind="danger"] { color: @crit; }
QPushButton[kind="danger"]:disabled { color: @text3; }
QPushButton[kind="dangerfill"] { background: @critFill; color: @onFill; border-color: @critFill; }
QPushButton[kind="dangerfill"]:hover { background: @critFillHover; }
QPushButton[kind="dangerfill"]:focus { border: 2px solid @text1; }
QPushButton[kind="dangerfill"]:disabled { background: @sunken; color: @text3; border-color: @border; }
QPushButton[kind="chip"]:checked { background: @selected; color: @accent; border-color: @accent; }
QPushButton[kind="link"] { background: transparent; border: 0; border-radius: 4px; color: @accent; padding: 0 2px;
  min-height: %24; text-align: left; }
QPushButton[kind="link"]:hover { color: @text1; }
QPushButton[kind="link"]:focus { border: 2px solid @accent; padding: 0; min-height: %20; }
QPushButton[kind="link"]:disabled { color: @text3; }
QPushButton[kind="toast"] { background: transparent; border: 0; border-radius: 4px; color: @toastLink; padding: 0 6px;
  font-weight: 600; }
QPushButton[kind="toast"]:focus { border: 2px solid @toastLink; padding: 0 4px; }
QPushButton[kind="segment"] { background: transparent; border: 1px solid transparent; border-radius: 5px; color: @text2;
  padding: 0 14px; min-height: %24; font-size: %12; }
QPushButton[kind="segment"]:hover { color: @text1; }
QPushButton[kind="segment"]:checked { background: @segmentOn; color: @text1; border-color: @segmentEdge;
  font-weight: 600; }
QPushButton[kind="segment"]:disabled { color: @text3; }
QPushButton[kind="segment"]:focus { border: 2px solid @accent; padding: 0 13px; min-height: %22; }
QPushButton::menu-indicator { image: none; width: 0; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 0;
  min-width: %26; min-height: %26; color: @text2; }
QToolButton:hover { background: @hover; }
QToolButton:checked { background: @selected; }
QToolButton:focus { border: 2px solid @accent; min-width: %24; min-height: %24; }
QToolButton[onVideo="true"] { background: transparent; }
QToolButton[onVideo="true"]:hover, QToolButton[onVideo="true"]:checked { background: @sliderGroove; }
QToolButton[onVideo="true"]:focus { border: 2px solid @toastLink; }
QLineEditIconButton { min-width: 0; min-height: 0; border: 0; padding: 0; background: transparent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QAbstractSpinBox, QComboBox { background: @surface; color: @text1; border: 1px solid @borderStrong;
  border-radius: 6px; padding: 0 10px; min-height: %28; font-size: %13; selection-background-color: @accentFill;
  selection-color: @onFill; }
QPlainTextEdit { background: @surface; color: @text1; border: 1px solid @borderStrong; border-radius: 6px;
  padding: 4px 6px; selection-background-color: @accentFill; selection-color: @onFill; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus { border: 2px solid @accent; padding: 0 9px;
  min-height: %26; }
QPlainTextEdit[code="true"] { background: @sunken; border-color: @border; padding: 0; }
QPlainTextEdit:focus { border: 2px solid @accent; padding: 3px 5px; }
QPlainTextEdit[code="true"]:focus { border: 2px solid @accent; padding: 0; }
QLineEdit:disabled, QLineEdit[readOnly="true"], QAbstractSpinBox:disabled, QComboBox:disabled,
  QPlainTextEdit:disabled { background: @sunken; color: @text3; border-color: @border; }
QLineEdit[bad="true"], QAbstractSpinBox[bad="true"], QComboBox[bad="true"], QPlainTextEdit[bad="true"] {
  background: @critPill; border-color: @crit; }
QLineEdit[lead="true"] { padding-left: 2px; }
QLineEdit[lead="true"]:focus { padding-left: 1px; }
QLineEdit[bare="true"] { background: transparent; border: 0; padding: 0; font-size: %15; }
QComboBox::drop-down { border: 0; width: 24px; }
QComboBox::down-arrow { image: url(:/icons/@{mode}arrow-down.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @raised; color: @text1; border: 1px solid @borderStrong; padding: 4px;
  outline: 0; selection-background-color: @selected; selection-color: @text1; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: 0; width: 20px; background: transparent; }
QAbstractSpinBox::up-arrow { image: url(:/icons/@{mode}arrow-up.svg); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url(:/icons/@{mode}arrow-down.svg); width: 10px; height: 10px; }

QListWidget { background: transparent; border: 0; outline: 0; }
QTableView { background: @surface; border: 0; gridline-color: @border; outline: 0; }
QHeaderView { background: @window; border: 0; }
QHeaderView::section { background: @window; color: @text3; border: 0; border-bottom: 1px solid @border;
  border-top: 1px solid @border; padding: 0; }
QTabBar::tab { background: transparent; color: @text2; border: 0; border-bottom: 2px solid transparent;
  padding: 0 2px; margin-right: 20px; height: %34; font-size: %13; font-weight: 500; }
QTabBar::tab:selected { color: @text1; border-bottom-color: @accent; font-weight: 600; }
QTabBar::tab:focus { color: @accent; }
QTabWidget::pane { border: 0; border-top: 1px solid @border; }

QMenu { background: @raised; color: @text1; border: 1px solid @borderStrong; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; font-size: %13; }
QMenu::item:selected { background: @selected; }
QMenu::item:disabled { color: @text3; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QToolTip { background: @raised; color: @text1; border: 1px solid @borderStrong; padding: 5px 8px; font-size: %12; }
QDialog { background: @surface; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; border: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; border: 0; }
QScrollBar::handle { background: @scroll; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @bar; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @border; }
QProgressBar { background: @sunken; border: 0; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: @accentFill; border-radius: 3px; }
QSlider::groove:horizontal { background: @sliderGroove; height: 3px; border-radius: 1px; }
QSlider::sub-page:horizontal { background: @videoText; height: 3px; border-radius: 1px; }
QSlider::handle:horizontal { background: @videoText; width: 12px; height: 12px; margin: -5px 0; border-radius: 6px; }
QSlider::handle:horizontal:focus { background: @toastLink; }
)";

QHash<QString, QString> namesOf(const Tokens& t)
{
    return {{"window", t.window.name()},
            {"surface", t.surface.name()},
            {"sunken", t.sunken.name()},
            {"raised", t.raised.name()},
            {"hover", t.hover.name()},
            {"selected", t.selected.name()},
            {"border", t.border.name()},
            {"borderStrong", t.borderStrong.name()},
            {"text1", t.text1.name()},
            {"text2", t.text2.name()},
            {"text3", t.text3.name()},
            {"accent", t.accent.name()},
            {"accentFill", t.accentFill.name()},
            {"accentFillHover", t.accentFillHover.name()},
            {"critFill", t.critFill.name()},
            {"critFillHover", t.critFillHover.name()},
            {"crit", t.critical.text.name()},
            {"critPill", t.critical.pill.name()},
            {"onFill", t.onFill.name()},
            {"toastLink", t.toastLink.name()},
            {"bar", t.bar.name()},
            {"scroll", t.borderStrong.name()},
            {"segmentOn", t.isDark ? t.navCurrent.name() : t.surface.name()},
            {"segmentEdge", t.isDark ? t.borderStrong.name() : t.border.name()},
            {"videoText", t.videoText.name()},
            {"sliderGroove",
             QString("rgba(%1,%2,%3,90)").arg(t.videoText.red()).arg(t.videoText.green()).arg(t.videoText.blue())}};
}

}  // namespace

QString styleSheetOf(const Tokens& tokens, double scale)
{
    const QHash<QString, QString> names = namesOf(tokens);
    const QString source = QString::fromUtf8(sheetTemplate).replace("@{mode}", tokens.isDark ? "dark-" : "light-");
    static const QRegularExpression mark("@([A-Za-z0-9]+)|%([0-9]+)");
    QString out;
    qsizetype last = 0;
    for (auto it = mark.globalMatch(source); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        out += QStringView(source).mid(last, match.capturedStart() - last);
        if (match.captured(1).isEmpty())
            out += QString::number(qRound(match.captured(2).toInt() * scale)) + "px";
        else
            out += names.value(match.captured(1));
        last = match.capturedEnd();
    }
    return out + source.mid(last);
}

}  // namespace headgate
