"""The field app on the phone: from the tap to saved, and the start without signal.

A real web process on the demo's database, real Chromium, the page's own marks (`hato:save`,
`hato:tap-to-saved`, `hato:shown`). Each figure at full speed and with the processor slowed four times,
which is about a phone of 2019. Tap to saved: a press of a button of the page whose handler saves a
visit of the usual size; it ends when IndexedDB's transaction is durable (`durability: "strict"`).
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from bench.databases import BASE_DIR, machine, ready

RANCHERS = 210
SLOWER = 4
PIN = "271828"
TAP = """(content) => {
  document.getElementById("bench")?.remove();
  const button = document.createElement("button");
  button.id = "bench";
  button.textContent = "bench";
  button.className = "button";
  button.addEventListener("click", async () => {
    const store = await import("/static/field/store.js");
    const { uuid7 } = await import("/static/field/ids.js");
    await store.save({ id: uuid7(), kind: "visit", rancher: content.rancher, content, state: "draft" });
    window.benchDone = [performance.getEntriesByName("hato:tap-to-saved").at(-1).duration, performance.getEntriesByName("hato:save").at(-1).duration];
  });
  document.getElementById("view").prepend(button);
}"""
VISIT = {
    "rancher": "01900000-0000-7000-8000-000000000000",
    "visited_on": "2026-03-01",
    "notes": "Se revisaron los cercos vivos y el banco forrajero; falta sal mineral. " * 4,
    "measurements": {f"figure_{n}": f"{n * 3}.5" for n in range(20)},
    "observations": [
        {"practice": f"practice-{n}", "stage": "adopted", "intensity": "2.5", "evidence_seen": True}
        for n in range(6)
    ],
    "next_steps": [
        {"id": str(n), "text": "Sembrar quinilla en el lindero norte"} for n in range(3)
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="taps")
    parser.add_argument("--starts", type=int, default=10, help="starts without signal")
    options = parser.parse_args()
    with web(ready(RANCHERS)) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        taken = measure(browser, base, options.times, options.starts)
        browser.close()
    report(taken)


@contextmanager
def web(database: str) -> Iterator[str]:
    """A web process as in production, on a free port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = ["gunicorn", "config.wsgi", "--workers=1", "--threads=4", f"--bind=127.0.0.1:{port}"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": database, "DEBUG": "False", "CSRF_TRUSTED_ORIGINS": base},
        stderr=subprocess.DEVNULL,
    )
    try:
        for _try in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=2).close()
                break
            except OSError:
                time.sleep(0.3)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def measure(browser: Browser, base: str, times: int, starts: int) -> dict[str, list[float]]:
    """Milliseconds of each tap and start, by what was measured."""
    context = browser.new_context(
        base_url=base,
        locale="es-PE",
        viewport={"width": 360, "height": 740},
        bypass_csp=True,  # waiting for an expression is an eval in the page
    )
    page = prepared(context.new_page())
    taken: dict[str, list[float]] = {}
    for rate in (1, SLOWER):
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
        page.evaluate(TAP, VISIT)
        for _tap in range(times):
            page.evaluate("window.benchDone = null")
            page.locator("#bench").click()
            page.wait_for_function("window.benchDone")
            whole, save = page.evaluate("window.benchDone")
            taken.setdefault(f"tap to saved, {rate} x slower", []).append(whole)
            taken.setdefault(f"save alone, {rate} x slower", []).append(save)
    context.set_offline(True)
    for rate in (1, SLOWER):
        for _start in range(starts):
            page.close()
            page = context.new_page()
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
            page.goto("/campo/")
            page.wait_for_function("performance.getEntriesByName('hato:shown').length")
            shown = page.evaluate("performance.getEntriesByName('hato:shown')[0].startTime")
            taken.setdefault(f"start without signal, {rate} x slower", []).append(shown)
    context.close()
    return taken


def prepared(page: Page) -> Page:
    """Log in as the demo's technician and prepare the phone."""
    page.goto("/cuentas/entrar/?next=/campo/")
    page.locator("[name=login]").fill("tecnica.inapari@hato.example")
    page.locator("[name=password]").fill("hato-demo-2026")
    page.locator("main [type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    page.goto("/campo/")
    page.locator("#pin").fill(PIN)
    page.locator("#pin-again").fill(PIN)
    page.locator("form [type=submit]").click()
    page.locator(".people").wait_for()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    return page


def report(taken: dict[str, list[float]]) -> None:
    print(f"\n{machine()}; milliseconds in the page, {RANCHERS} ranchers in the demo\n")
    print("| what | n | p50 | p95 | against full speed |")
    print("| --- | --- | --- | --- | --- |")
    for what, times in taken.items():
        name = what.partition(",")[0]
        base = statistics.median(taken[f"{name}, 1 x slower"])
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[18]
        print(f"| {what} | {len(times)} | {p50:.1f} | {p95:.1f} | {p50 / base:.1f} x |")


if __name__ == "__main__":
    main()
