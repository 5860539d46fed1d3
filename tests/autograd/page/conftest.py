"""A real browser, shared by the tests of a process; a test whose page complains has failed."""

import os
import shutil

import pytest

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
SLOWEST = 120_000  # milliseconds: on a machine that others keep busy
# What the page does when it has learned how large its parts are is done after two frames.
LAID_OUT = """() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
})"""


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra `browser`")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("needs the program chromium")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=SLOWEST)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def usual(browser):
    """What most tests look at a page with."""
    context = patient(browser.new_context(viewport={"width": 1240, "height": 780}))
    yield context
    context.close()


def patient(context):
    """Let nothing in a context fail for want of time."""
    context.set_default_timeout(SLOWEST)
    return context


@pytest.fixture
def opened(browser, usual, tmp_path):
    """Opens explorations; in the end no page may have complained, or asked for anything."""
    pages, complaints = [], []

    def open_page(exploration, fragment="", **settings):
        path = exploration.save(tmp_path / f"page{len(pages)}.html")
        context = patient(browser.new_context(**settings)) if settings else usual
        page = context.new_page()
        pages.append((page, bool(settings)))
        address = path.as_uri()
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on(
            "request",
            lambda asked: asked.url.partition("#")[0] == address or complaints.append(asked.url),
        )
        page.goto(address + fragment)
        page.wait_for_function("() => window.page.tape !== undefined")
        page.evaluate(LAID_OUT)
        return page

    yield open_page
    for page, has_settings in pages:
        page.context.close() if has_settings else page.close()
    assert complaints == []
