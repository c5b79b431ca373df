#pragma once

#include "ui/frame/page.h"

#include <QDialog>

#include <vector>

namespace headgate {

// The keys that work everywhere and on the page in front.
class CheatSheet : public QDialog
{
    Q_OBJECT

public:
    CheatSheet(const std::vector<PaletteAction>& goTo, const std::vector<PaletteAction>& ofPage,
               QWidget* parent = nullptr);
};

}  // namespace headgate
