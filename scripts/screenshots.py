"""`make screenshots`: the README's pictures of the web page, by a headless Chromium.

Starts a stack of its own, imports two generated workbooks of a million rows (one with bad rows),
and writes docs/pictures/{start,running,finished,finished-with-errors,phone,running-dark}.png. Ends
with 1 when the browser's console told of an error: a break of the content security policy, for one.
Needs Chromium (Debian, Ubuntu: apt-get install chromium; or its path in CHROMIUM); drives it by
its DevTools protocol, so nothing else is to be installed.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import shutil
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx

from devstack import SluiceOptions, Stack
from sample_data import generate_orders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
WORKBOOKS = Path(".cache/workbooks")
ROWS, BAD_SHARE = 1_000_000, 0.02
WIDE, PHONE = (1200, 900), (390, 844)
RUNNING_AT_PERCENT = 45
DEADLINE_S = 300.0


def chromium_path() -> str:
    """Return the browser's program; raises `SystemExit` that says what to install."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise SystemExit("no Chromium: apt-get install chromium, or set CHROMIUM to its path")
    return found


@dataclass(slots=True)
class Tab:
    """One tab, spoken to by the DevTools protocol."""

    socket: aiohttp.ClientWebSocketResponse
    console: list[str] = field(default_factory=list)
    _last_id: int = 0
    _waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def listen(self) -> None:
        """Take answers and events until the browser goes."""
        async for message in self.socket:
            told = message.json()
            if (waiting := self._waiting.pop(told.get("id", 0), None)) is not None:
                waiting.set_result(told)
            elif told.get("method") == "Log.entryAdded":
                entry = told["params"]["entry"]
                if entry["level"] == "error":
                    self.console.append(f"{entry['text']} {entry.get('url', '')}")
            elif told.get("method") == "Runtime.exceptionThrown":
                self.console.append(str(told["params"]["exceptionDetails"]))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of a command; raises `RuntimeError` with what the browser says."""
        self._last_id += 1
        number = self._last_id
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "method": method, "params": params})
        answer = await asyncio.wait_for(self._waiting[number], 30)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def value(self, expression: str) -> Any:
        """Return what a JavaScript expression is worth in the page."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until the expression is true; raises `TimeoutError` that names it."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not await self.value(expression):  # noqa: ASYNC110 - the page cannot tell us
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise TimeoutError(f"the page never came to: {expression}") from None

    async def look(self, size: tuple[int, int], theme: str = "light") -> None:
        """Set the window's size in pixels and its theme."""
        width, height = size
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2,
            mobile=size == PHONE,
        )
        scheme = {"name": "prefers-color-scheme", "value": theme}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def picture(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))  # noqa: ASYNC240 - nothing else runs here
        print(path)


@asynccontextmanager
async def browser_tab() -> AsyncIterator[Tab]:
    """Lend a tab of a fresh browser; the browser and its folder go in the end."""
    # As root Chromium has no sandbox of its own to use; the pages are ours
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            chromium_path(),
            *FLAGS,
            *root,
            f"--user-data-dir={folder}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port = await _port_of(Path(folder) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session, _tab(session, port) as tab:
                yield tab
        finally:
            process.terminate()
            await process.wait()


async def _port_of(file: Path) -> int:
    async with asyncio.timeout(30):
        while not file.exists() or "\n" not in file.read_text(encoding="utf-8"):  # noqa: ASYNC110, ASYNC240 - a tiny file of another process
            await asyncio.sleep(0.05)
    return int(file.read_text(encoding="utf-8").split("\n")[0])  # noqa: ASYNC240 - a tiny file


@asynccontextmanager
async def _tab(session: aiohttp.ClientSession, port: int) -> AsyncIterator[Tab]:
    async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
        pages = [target for target in await answer.json() if target["type"] == "page"]
    async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
        tab = Tab(socket)
        listener = asyncio.create_task(tab.listen())
        try:
            for domain in ("Page", "Runtime", "Log"):
                await tab.call(f"{domain}.enable")
            yield tab
        finally:
            listener.cancel()


def upload(client: httpx.Client, workbook: Path) -> str:
    """Return the id of the job that a workbook became."""
    with workbook.open("rb") as file:
        form = {"file": (workbook.name, file)}
        answer = client.post("/api/upload/excel", files=form, data={"target": "orders"})
    answer.raise_for_status()
    return str(answer.json()["jobId"])


async def sign_in(tab: Tab, client: httpx.Client, gateway: str) -> None:
    """Give the browser the client's cookie and open the page."""
    token = client.cookies["sluice_token"]
    await tab.call(
        "Network.setCookie", name="sluice_token", value=token, url=gateway, httpOnly=True
    )
    await tab.call("Page.navigate", url=gateway)
    await tab.until("document.querySelector('.drop') !== null")


async def watch(tab: Tab, job_id: str) -> None:
    """Open a run and wait until it is well on its way, or over."""
    await tab.value(f"location.hash = '#/jobs/{job_id}'")
    bar = "document.querySelector('.hero .bar')"
    far = f"Number({bar}?.getAttribute('aria-valuenow')) >= {RUNNING_AT_PERCENT}"
    await tab.until(f"{far} && document.querySelectorAll('.batches tbody tr').length > 0")


async def make_pictures(client: httpx.Client, gateway: str, books: list[Path], to: Path) -> int:
    """Make all pictures; return how many errors the console told."""
    ended = "document.querySelector('.link.ended') !== null"
    good, bad = books
    async with browser_tab() as tab:
        await tab.look(WIDE)
        await sign_in(tab, client, gateway)
        await watch(tab, await asyncio.to_thread(upload, client, good))
        await tab.picture(to / "running.png")
        await tab.look(WIDE, "dark")
        await tab.picture(to / "running-dark.png")
        await tab.until(ended)
        await tab.look(WIDE)
        await tab.picture(to / "finished.png")
        await watch(tab, await asyncio.to_thread(upload, client, bad))
        await tab.look(PHONE)
        await tab.picture(to / "phone.png")
        await tab.look(WIDE)
        await tab.until(ended)
        await tab.value("document.querySelector('.error-list .button').click()")
        await tab.until("document.querySelectorAll('.error-list tbody tr').length > 0")
        await tab.picture(to / "finished-with-errors.png")
        await tab.value("location.hash = '#/'")
        await tab.until("document.querySelectorAll('.imports tbody tr').length > 1")
        await tab.picture(to / "start.png")
        for line in tab.console:
            print(f"console: {line}", file=sys.stderr)
        return len(tab.console)


def workbook(bad_share: float) -> Path:
    """Return a workbook of a million orders, made once and kept; the good one's ids are its own."""
    path = WORKBOOKS / f"pictures-{bad_share:g}.xlsx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        first_id = 1 if bad_share else ROWS + 1
        generate_orders(path, ROWS, bad_share=bad_share, start_id=first_id)
    return path


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, default=Path("docs/pictures"), help="where to")
    folder: Path = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    books = [workbook(0), workbook(BAD_SHARE)]
    with Stack.ephemeral("pictures", sluice=SluiceOptions()) as stack:
        gateway = str(stack.gateway)
        user, password = stack.login
        with httpx.Client(base_url=gateway, timeout=120) as client:
            login = {"username": user, "password": password}
            client.post("/api/auth/login", json=login).raise_for_status()
            return 1 if asyncio.run(make_pictures(client, gateway, books, folder)) else 0


if __name__ == "__main__":
    sys.exit(main())
