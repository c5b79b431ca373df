#pragma once

class QWidget;

namespace headgate {

// A dynamic property that a page sets on itself; the widgets below it look for it.
constexpr const char* staleProperty = "stale";

// True below a page that is stale: painted widgets then use paler text and `off` glyphs.
bool showsStale(const QWidget* widget);

}  // namespace headgate
