"""The rules of the house that a machine can check. Each finding names the place and what to write instead."""

import pathlib
import re
import sys

LOGIC = ("core/base", "core/domain", "core/engine", "core/expression", "core/plan", "core/sim", "core/wire")
STORAGE = ("core/storage",)
MEDIA = ("core/media",)
PLANE = ("core/plane", "core/store", "core/provider", "core/api")
UI = ("ui",)

# layer -> what its files may include from the tree
MAY_INCLUDE = {
    LOGIC: LOGIC,
    STORAGE: LOGIC + STORAGE,
    MEDIA: LOGIC + STORAGE + MEDIA,
    PLANE: LOGIC + STORAGE + PLANE,
    UI: ("core/base", "core/domain", "core/plan", "core/wire", "core/plane/control_plane.h",
         "core/plane/account_desk.h", "core/plane/capabilities.h", "core/plane/secret_store.h", "ui"),
}

MAX_LINES = 600


class Rule:
    def __init__(self, where, pattern, advice, allowed=()):
        self.where, self.pattern, self.advice, self.allowed = where, re.compile(pattern), advice, allowed


RULES = [
    Rule(LOGIC, r"#include <Q", "logic links no Qt: use the standard library"),
    Rule(STORAGE, r"#include <Q", "storage links no Qt: use the standard library"),
    Rule(MEDIA, r"#include <Q", "media links no Qt: use the standard library"),
    Rule(LOGIC, r"#include <(thread|mutex|atomic|condition_variable|future|fstream|filesystem|random|sys/|unistd)",
         "logic has no threads, files or ambient randomness: take the value as an argument"),
    Rule(LOGIC, r"(system_clock|steady_clock|high_resolution_clock)::now|[^\w](time|gettimeofday|clock_gettime)\s*\(\s*(NULL|nullptr|0|&)",
         "logic reads no clock: take `TimePoint now` as an argument"),
    Rule(LOGIC, r"std::unordered_|getenv|random_device|[^\w]rand\s*\(",
         "logic is deterministic: use ordered containers and headgate::Random"),
    Rule(("core", "ui", "app"), r"#include <(QtWidgets|QtCore|QtGui|QtCharts|QtNetwork|QtSql|QtWebSockets)(/Q\w+)?>",
         "no umbrella or module-prefixed Qt headers: include the class's own header"),
    Rule(("ui",), r"QColor\s*\(|\"#[0-9a-fA-F]{3,8}\"|Qt::(red|green|blue|black|white|gray|darkGray|lightGray|yellow|magenta|cyan)\b",
         "colours come from Tokens (ui/shell/tokens.h)", allowed=("ui/shell/tokens.cpp",)),
    Rule(("ui",), r"setUseOpenGL", "charts paint in software: OpenGL crashes offscreen"),
    Rule(("ui",), r"\.beginResetModel\s*\(|[^\w]beginResetModel\s*\(", "models apply keyed differences: a reset loses selection and scroll"),
    Rule(("core", "ui", "app"), r"^\s*(class|struct)\s+\w*(Manager|Helper|Util|Utils|Impl|Handler|Data|Info)\b",
         "name the thing by what it is: no Manager, Helper, Util, Impl, Handler, Data, Info"),
    Rule(("core", "ui", "app"), r"static\s+\w+&?\*?\s+instance\s*\(", "no singletons: pass the object by constructor"),
    Rule(("core", "ui", "app", "tests"), r"\b(TODO|FIXME|XXX|HACK)\b", "finish it, or file it"),
    Rule(("tests",), r"QSKIP\s*\(", "a skipped test proves nothing: install what it needs, or fail"),
    Rule(("core", "ui", "app", "tests"), r"using namespace std\s*;", "write std:: where it is used"),
]


def sources(root):
    for folder in ("app", "core", "ui", "tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cpp", ".h"):
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8").splitlines()


def below(name, folders):
    return any(name == folder or name.startswith(folder + "/") for folder in folders)


def without_comment(line):
    return re.sub(r"(^|\s)//.*$", "", line)


def check_lines(name, lines):
    for number, raw in enumerate(lines, 1):
        line = without_comment(raw)
        for rule in RULES:
            if below(name, rule.where) and name not in rule.allowed and rule.pattern.search(line):
                yield f"{name}:{number}: {rule.advice}"
        include = re.match(r'#include "([^"]+)"', line)
        if not include or name.startswith("tests/"):
            continue
        target = include.group(1)
        if not target.startswith(("core/", "ui/", "app/")) and not target.endswith(".moc"):
            yield f'{name}:{number}: includes are rooted: "core/..." or "ui/..."'
            continue
        for layer, allowed in MAY_INCLUDE.items():
            if below(name, layer) and not target.endswith(".moc") and not below(target, allowed):
                yield f"{name}:{number}: {name.rsplit('/', 1)[0]} must not know {target}"


def check_file(name, lines):
    if len(lines) > MAX_LINES:
        yield f"{name}: {len(lines)} lines; above {MAX_LINES} a file has two purposes: split it along the seam"
    if name.endswith(".h") and "#pragma once" not in lines[:3]:
        yield f"{name}: starts with #pragma once"
    yield from check_lines(name, lines)


def check_beast_stays_in_its_places(files):
    users = [name for name, lines in files if any("#include <boost/beast" in line for line in lines) and name.startswith("core/")]
    allowed = {"core/api/http_loop.h", "core/api/forwarder.cpp"}  # the server and the client, a translation unit each
    if not set(users) <= allowed:
        yield f"Boost.Beast costs 8 s a file: only {', '.join(sorted(allowed))} include it, not {', '.join(users)}"


def folder_of(name):
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] in ("core", "ui") else parts[0]


def check_no_cycles_between_folders(files):
    edges = {}
    for name, lines in files:
        if name.startswith("tests/"):
            continue
        for line in lines:
            include = re.match(r'#include "((?:core|ui)/[^"]+)"', line)
            if include and folder_of(include.group(1)) != folder_of(name):
                edges.setdefault(folder_of(name), {})[folder_of(include.group(1))] = name

    def visit(folder, trail):
        if folder in trail:
            return trail[trail.index(folder):] + [folder]
        for target in sorted(edges.get(folder, {})):
            found = visit(target, trail + [folder])
            if found:
                return found
        return None

    for folder in sorted(edges):
        cycle = visit(folder, [])
        if cycle:
            places = ", ".join(f"{edges[a][b]}" for a, b in zip(cycle, cycle[1:]))
            yield f"folders include each other in a circle: {' -> '.join(cycle)} (by {places})"
            return


def findings(root):
    files = list(sources(root))
    for name, lines in files:
        yield from check_file(name, lines)
    yield from check_beast_stays_in_its_places(files)
    yield from check_no_cycles_between_folders(files)


if __name__ == "__main__":
    found = list(findings(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "The tree keeps the rules of the house.")
    sys.exit(1 if found else 0)
