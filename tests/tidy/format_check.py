"""Every C++ source is formatted as .clang-format says; the Debian 12 clang-format decides."""

import pathlib
import shutil
import subprocess
import sys


def main(root):
    clang_format = shutil.which("clang-format-14")
    if not clang_format:
        sys.exit("clang-format-14 is not installed. Run: apt-get install clang-format-14")
    files = sorted(
        str(path)
        for folder in ("app", "core", "ui", "tests")
        for path in (pathlib.Path(root) / folder).rglob("*")
        if path.suffix in (".cpp", ".h")
    )
    result = subprocess.run([clang_format, "--dry-run", "--Werror", *files], capture_output=True, text=True)
    if result.returncode:
        wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "error:" in line})
        sys.exit("Not formatted; run: clang-format-14 -i " + " ".join(wrong))
    print(f"{len(files)} files are formatted.")


main(sys.argv[1])
