"""`make screenshots`: the README's pictures of every state of the page, by a headless Chromium.

Starts a stack of its own, imports generated workbooks (a million rows, and 200,000 with bad ones),
and writes docs/pictures/*.png. Ends with 1 when a picture could not be made, or the browser's
console told of an error: a break of the content security policy, for one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error, sync_playwright
from scripts.picture_states import ALBUM
from scripts.picture_studio import BAD_SHARE, Studio, workbook
from tests.road_client import RoadClient

from devstack import SluiceOptions, Stack
from devstack.install import find_chromium
from upload_api.add_user import add_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Browser

OPERATOR = ("olga", "olga operates")


def make_pictures(studio: Studio, chapters: Sequence[str]) -> list[str]:
    """Make all pictures, or some chapters; return what went wrong."""
    wrong: list[str] = []
    for name, make in ALBUM.items():
        if chapters and name not in chapters:
            continue
        try:
            make(studio)
        except (Error, AssertionError) as error:
            wrong.append(f"{name}: {str(error)[:1000]}")
        wrong += [f"{name}: console: {line}" for line in studio.close_windows()]
    return wrong


def studio_in(stack: Stack, browser: Browser, to: Path, scratch: Path) -> Studio:
    name, password = OPERATOR
    add_user({
        "SLUICE_DATABASE_URL": stack.database_url,
        "SLUICE_DEMO_USER": name,
        "SLUICE_DEMO_PASSWORD": password,
        "SLUICE_DEMO_ROLE": "operator",
    })  # fmt: skip
    client = RoadClient(stack.gateway, *OPERATOR)
    return Studio(
        stack=stack, browser=browser, client=client, login=OPERATOR, to=to, scratch=scratch
    )


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, default=Path("docs/pictures"), help="where to")
    parser.add_argument("chapters", nargs="*", help=f"some of: {', '.join(ALBUM)}")
    asked = parser.parse_args()
    program = find_chromium()
    if program is None:
        print("no Chromium: python -m devstack install, or set CHROMIUM to its path")
        return 1
    asked.to.mkdir(parents=True, exist_ok=True)
    for share in (0.0, BAD_SHARE):
        workbook(share)
    with (
        Stack.ephemeral("pictures", sluice=SluiceOptions()) as stack,
        tempfile.TemporaryDirectory() as scratch,
        sync_playwright() as playwright,
    ):
        # As root Chromium has no sandbox of its own to use; the pages are ours
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.geteuid() != 0
        )
        wrong = make_pictures(studio_in(stack, browser, asked.to, Path(scratch)), asked.chapters)
        browser.close()
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
