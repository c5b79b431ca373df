#pragma once

#include "ui/shell/settings.h"
#include "ui/shell/theme.h"

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QWidget>

namespace headgate::test {

// Settings in a folder of their own and the console's theme, for tests of widgets. Made after the QApplication.
struct ConsoleApp
{
    QTemporaryDir folder;
    Settings settings{folder.filePath("settings.ini")};
    Theme theme{*qApp, settings};
};

// Saves a picture of `widget` as NAME.png in the folder that HEADGATE_SHOTS names; does nothing without it.
inline void keepPicture(QWidget& widget, const QString& name)
{
    const QString folder = qEnvironmentVariable("HEADGATE_SHOTS");
    if (folder.isEmpty())
        return;
    QDir().mkpath(folder);
    widget.grab().save(folder + "/" + name + ".png");
}

}  // namespace headgate::test
