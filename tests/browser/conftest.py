"""A real browser for the tests in this folder: the system's chromium, never a downloaded one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, Request, WebSocket, expect, sync_playwright

from tests import children

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OUTPUT = HERE.parent / "output"
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)

expect.set_options(timeout=15_000)  # the machine may be busy

collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was not tested."""
    if not CHROMIUM:
        terminalreporter.write_line("browser tests left out: no chromium found (CHROMIUM names one)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file. While it lives, its event loop counts as running: no async tests there."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture(scope="module")
def laptop(browser: Browser) -> Iterator[Page]:
    """A page of 1280 x 800, one for a file: what it has loaded it need not load again."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def pocket(browser: Browser) -> Iterator[Page]:
    """The same of 390 x 844, under a thumb."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, locale="id-ID", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@contextmanager
def opened(page: Page) -> Iterator[Page]:
    """The page without memory; at the end no request may have left this computer, and no script failed."""
    page.context.clear_cookies()
    outside, errors = list[str](), list[str]()

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            outside.append(request.url)

    def note_socket(socket: WebSocket) -> None:
        if "//127.0.0.1" not in socket.url:
            outside.append(socket.url)

    def note_error(error: Error) -> None:
        errors.append(str(error))

    page.on("request", note)
    page.on("websocket", note_socket)
    page.on("pageerror", note_error)
    page.set_default_timeout(15_000)
    yield page
    page.goto("about:blank")
    page.remove_listener("request", note)
    page.remove_listener("websocket", note_socket)
    page.remove_listener("pageerror", note_error)
    assert outside == []
    assert errors == []


@pytest.fixture
def browser_page(laptop: Page) -> Iterator[Page]:
    """A page as on a laptop, 1280 x 800."""
    with opened(laptop) as page:
        yield page


@pytest.fixture
def pocket_page(pocket: Page) -> Iterator[Page]:
    """A page as on a phone, 390 x 844."""
    with opened(pocket) as page:
        yield page


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], None]:
    """Keeps a picture of the page as tests/output/<name>.png, to be looked at."""

    def take(page: Page, name: str) -> None:
        OUTPUT.mkdir(exist_ok=True)
        page.screenshot(path=OUTPUT / f"{name}.png")

    return take


@pytest.fixture(scope="module")
def echo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a simulator whose bot repeats what it hears (``echo_server.py``)."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, HERE / "echo_server.py", str(port)],
        env=environment(),
        cwd=tmp_path_factory.mktemp("echo"),
    )
    try:
        wait_until_served(f"http://127.0.0.1:{port}/", server)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=20)


class Served:
    """``rangkul serve`` as a newcomer runs it, on a database of its own in this folder."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = environment(
            RANGKUL_DATABASE_URL=f"sqlite:///{folder / 'rangkul.db'}",
            RANGKUL_KEY_FILE=str(folder / "rangkul.key"),
            RANGKUL_DELETIONS_FILE=str(folder / "rangkul.deletions"),
            RANGKUL_PORT=str(port),
            RANGKUL_CONSOLE="true",
        )
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "bot", "serve"]
        self._running = subprocess.Popen(command, cwd=ROOT, env=self.environment)
        wait_until_served(self.url, self._running)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._running
        self._running.kill()
        self._running.wait(15)

    def stop(self) -> None:
        assert self._running
        self._running.terminate()
        self._running.wait(15)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The product, served."""
    server = Served(tmp_path_factory.mktemp("product"))
    server.start()
    yield server
    server.stop()


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """For a server of its own: the page library behaves differently when it finds itself under pytest."""
    return children.environment("PYTEST", **more)


def wait_until_served(url: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Return once the address answers; TimeoutError, or RuntimeError when the server has ended, when it does not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - always our own http address
                return
        except (URLError, ConnectionError):
            server.poll()
    raise TimeoutError(url)
