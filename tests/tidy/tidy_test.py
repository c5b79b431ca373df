"""A checker that finds nothing proves nothing: each rule must find its own violation, and pass what is right."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tidy

VIOLATIONS = {
    "core/engine/a.cpp": ['#include <QString>', "logic links no Qt"],
    "core/media/a.cpp": ['#include <QString>', "media links no Qt"],
    "core/domain/a.cpp": ["#include <thread>", "no threads"],
    "core/engine/b.cpp": ["auto t = std::chrono::system_clock::now();", "reads no clock"],
    "core/engine/c.cpp": ["std::unordered_map<int, int> m;", "deterministic"],
    "core/plane/a.cpp": ["#include <QtCore/QString>", "umbrella"],
    "ui/pages/a.cpp": ["auto c = QColor(1, 2, 3);", "colours come from Tokens"],
    "ui/widgets/a.cpp": ["series->setUseOpenGL(true);", "paint in software"],
    "ui/models/a.cpp": ["    beginResetModel();", "keyed differences"],
    "core/store/a.h": ["class StoreManager", "name the thing"],
    "core/api/a.cpp": ["static Server& instance();", "no singletons"],
    "app/a.cpp": ["int a;  /* FIXME */", "finish it"],
    "tests/ui/a.cpp": ['QSKIP("no");', "skipped test"],
    "core/engine/d.cpp": ['#include "core/store/store.h"', "must not know"],
    "ui/pages/b.cpp": ['#include "core/engine/engine.h"', "must not know"],
    "core/wire/a.cpp": ['#include "codec.h"', "rooted"],
}


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def found_in(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            write(root, name, text)
        return list(tidy.findings(root))


for name, (text, advice) in VIOLATIONS.items():
    text = "#pragma once\n" + text if name.endswith(".h") else text
    found = found_in({name: text})
    assert any(advice in line and line.startswith(name) for line in found), f"{name}: {advice!r} is not in {found}"

assert any("circle" in line for line in found_in({
    "core/base/a.cpp": '#include "core/wire/a.h"', "core/wire/a.h": '#pragma once\n#include "core/base/b.h"'}))
assert any("Boost.Beast" in line for line in found_in({"core/api/a.cpp": "#include <boost/beast/core.hpp>"}))
assert any("two purposes" in line for line in found_in({"core/base/a.cpp": "int a;\n" * 601}))
assert not found_in({"core/engine/a.cpp": '#include "core/domain/node.h"\n// a TODO in a comment is a comment\nint a;'})
print(f"{len(VIOLATIONS) + 4} rules find their violations.")
