"""The page as a person finds it: by roles and by the words on it, in English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.browser.console_watch import ConsoleWatch

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

PATIENCE_MS = 60_000
"""What has not come by then is stuck."""
expect.set_options(timeout=PATIENCE_MS)
_WATCH_BAR = """bar => {
  window.barSteps = [];
  const note = () => {
    const now = document.querySelector('[role=progressbar][aria-valuenow]');
    const value = now && Number(now.getAttribute('aria-valuenow'));
    if (now && window.barSteps.at(-1) !== value) window.barSteps.push(value);
  };
  const what = { subtree: true, childList: true, attributes: true };
  new MutationObserver(note).observe(document.getElementById('main'), what);
  note();
}"""


class SluicePage:
    """One tab with the page in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.console = ConsoleWatch(page)

    def open(self, route: str = "#/") -> None:
        self.page.goto(f"{self.address}/{route}")

    def sign_in(self, user: str, password: str) -> None:
        """Open the page and fill in its form."""
        self.open()
        self.fill_sign_in(user, password)
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def use_token(self, token: str) -> None:
        """Be signed in without the form."""
        cookie = {"name": "sluice_token", "value": token, "url": self.address, "httpOnly": True}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict of Playwright's

    def fill_sign_in(self, user: str, password: str) -> None:
        self.page.get_by_label("User name").fill(user)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def choose(self, file: Path, target: str = "orders") -> None:
        """Choose a file, and where its rows go; wait until its columns are shown."""
        self.page.locator("#file-input").set_input_files(file)
        expect(self.page.locator("[data-part=mapping]")).to_be_visible()
        into = self.page.get_by_label("Import into")
        if into.input_value() != target:
            into.select_option(target)
        expect(self.start_button).to_have_attribute("aria-disabled", "false")

    def start(self) -> str:
        """Start the import that is chosen; return its job's id when its run is shown."""
        self.start_button.click()
        self.page.wait_for_url(re.compile(r"#/jobs/[0-9a-f-]{36}$"), timeout=PATIENCE_MS)
        return self.page.url.rpartition("/")[2]

    @property
    def start_button(self) -> Locator:
        return self.page.locator("[data-part=start]")

    def open_job(self, job_id: str) -> None:
        self.open(f"#/jobs/{job_id}")

    @property
    def bar(self) -> Locator:
        return self.page.get_by_role("progressbar", name=re.compile("Import progress|Tiến độ nhập"))

    @property
    def link(self) -> Locator:
        """The badge that tells how the page hears of the job."""
        return self.page.locator("[data-part=badge-link], .link-line .link").first

    @property
    def status(self) -> Locator:
        """The badge that tells what has become of the job."""
        return self.page.locator("[data-part=badge-status], .run-state .badge").first

    def wait_for_link(self, words: str) -> None:
        expect(self.link).to_contain_text(words, timeout=PATIENCE_MS)

    def wait_for_status(self, words: str) -> None:
        expect(self.status).to_have_text(words, timeout=PATIENCE_MS)

    def wait_for_percent(self, least: int) -> None:
        """Wait until the bar stands at so much or more."""
        self.page.wait_for_function(
            "least => Number(document.querySelector('[role=progressbar]')"
            "?.getAttribute('aria-valuenow')) >= least",
            arg=least,
            timeout=PATIENCE_MS,
        )

    def has_ended(self) -> bool:
        """Tell whether nothing more will come of this job."""
        return (self.link.text_content() or "").strip().startswith("Ended")

    def watch_bar(self) -> None:
        """Note every value that the bar takes from now on."""
        self.page.evaluate(_WATCH_BAR)

    def bar_steps(self) -> list[int]:
        """Return the values that the bar has taken since `watch_bar`."""
        steps: list[int] = self.page.evaluate("() => window.barSteps")
        return steps
