"""Pictures of the live page that learns, light and dark.

    python demos/page_pictures.py

It needs the extra `browser`, and Chromium. Letters differ a little from one browser to the next, so
these two pictures are not compared with the code as the others are.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from autograd import explore
from nn import MLP, data

PICTURES = Path(__file__).resolve().with_name("pictures")
LEARN = "learning.setRate(0.3); learning.step(700)"


def main() -> None:
    """Let two moons be learned in 700 steps, ask about a weight, and take the pictures."""
    X, labels = data.moons(100, noise=0.1)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder, "learning.html")
        explore(MLP(2, [4, 4, 1], "tanh", seed=1), X, labels).save(page_file)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme=scheme)
            page.goto(page_file.as_uri())
            page.wait_for_function("window.page && window.page.learning")
            page.evaluate(f"const learning = window.page.learning; {LEARN}")
            page.get_by_role("searchbox").or_(page.get_by_role("combobox").first).first.fill(
                "w_11^(1)"
            )
            page.keyboard.press("Enter")
            page.wait_for_timeout(300)
            picture = PICTURES / f"live_page_{scheme}.png"
            page.screenshot(path=picture)
            # A path is a few points of its colour, which a palette of the most frequent ones loses.
            image = Image.open(picture).convert("RGB")
            image.quantize(256, method=Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
