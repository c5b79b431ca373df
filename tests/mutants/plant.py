#!/usr/bin/env python3
"""Copies sources with bugs planted in them: plant.py BUGS SOURCES COPIES

Every bug of the list is in the one set of copies, asleep until headgate::planted::bug is its number, so that one
program has them all. The sources themselves know nothing of it. A bug whose text is not there any more is left out;
the program says so when it is run.
"""

import pathlib
import re
import sys

PIECE = re.compile(r"\[\[(?P<e>.*?)(?<= )=> (?P<en>.*?)\]\]|\{\{(?P<s>.*?) => (?P<sn>.*?)\}\}", re.S)


def read_bugs(path):
    paragraphs = re.split(r"\n\s*\n", path.read_text())
    for paragraph in paragraphs:
        lines = [line for line in paragraph.split("\n") if not line.startswith("#")]
        if len(lines) < 3:
            continue
        name, _, what = lines[0].partition(": ")
        yield name, what, lines[1], "\n".join(lines[2:]).rstrip("\n")


def edits_of(number, name, text, pattern):
    """Spans of the source with what stands there instead."""
    plain, spans, at = "", [], 0
    for piece in PIECE.finditer(pattern):
        plain += pattern[at:piece.start()]
        kind = "e" if piece["e"] is not None else "s"
        old, new = (piece["e"].rstrip(" "), piece["en"]) if kind == "e" else (piece["s"], piece["sn"])
        spans.append((len(plain), len(plain) + len(old), kind, new))
        plain += old
        at = piece.end()
    plain += pattern[at:]
    if not spans or text.count(plain) != 1:
        print(f"{name}: its text is there {text.count(plain)} times, and must be there once:\n{plain}", file=sys.stderr)
        return []
    start = text.index(plain)
    return [(start + a, start + b, kind, number, new) for a, b, kind, new in spans]


def planted(text, edits):
    spans = {}
    for a, b, kind, number, new in edits:
        spans.setdefault((a, b, kind), []).append((number, new))
    ordered = sorted(spans)
    for (a, b, _), (c, _, _) in zip(ordered, ordered[1:]):
        if c < b:
            sys.exit("two bugs overlap at: " + text[a:b])
    for a, b, kind in reversed(ordered):
        new = text[a:b] if kind == "s" else f"({text[a:b]})"
        for number, other in spans[(a, b, kind)]:
            if kind == "e":
                new = f"(headgate::planted::is({number}) ? ({other}) : {new})"
            else:
                new = f"if (headgate::planted::is({number})) {{ {other} }} else {{ {new} }}"
        text = text[:a] + new + text[b:]
    return text


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    bugs_file, sources, copies = (pathlib.Path(argument) for argument in sys.argv[1:4])
    edits, names = {}, []
    for name, what, file, pattern in read_bugs(bugs_file):
        text = (sources / file).read_text()
        its = edits_of(len(names) + 1, name, text, pattern)
        names.append((name, what, "true" if its else "false"))
        edits.setdefault(file, []).extend(its)
    for file, its in edits.items():
        write(copies / file, '#include "planted.h"\n' + planted((sources / file).read_text(), its))
    rows = "".join(f'    {{"{name}", "{what}", {is_planted}}},\n' for name, what, is_planted in names)
    write(copies / "planted.h", f"""#pragma once

namespace headgate::planted {{

extern int bug;  // 0: none
inline bool is(int number) {{ return bug == number; }}

struct Bug
{{
    const char* name;
    const char* what;
    bool isPlanted;  // its text was found
}};
constexpr Bug bugs[] = {{
{rows}}};

}}  // namespace headgate::planted
""")


main()
