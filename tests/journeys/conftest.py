"""A served back office and a browser: what a clerk and a supervisor really see."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.payments import kit

# Playwright's own loop runs in this thread; the tests' queries are made between its calls, never inside one.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PASSWORD = "a long enough pass phrase 2025"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[str]:
    """The address of a web process that works on the tests' database."""
    port = _free_port()
    bound = ["-m", "gunicorn", "bureau.wsgi:application", "-b", f"127.0.0.1:{port}", "--threads", "2"]
    web = subprocess.Popen(
        [sys.executable, *bound], env=kit.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{url}/desk/login/", timeout=10).close()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.3)
        yield url
    finally:
        web.terminate()
        web.wait(timeout=30)


@pytest.fixture
def address(committed: None, server: str) -> str:
    """Where the back office is served, on a clean slate."""
    return server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("Chromium is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def enter(browser: Browser, address: str, tmp_path: Path) -> Iterator[Callable[[str], Page]]:
    """``enter("clerk-7")`` logs in by the form and gives the home page."""
    contexts = []

    def log_in(username: str) -> Page:
        context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/desk/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{address}/desk/")
        return page

    yield log_in
    for context in contexts:
        context.close()
