// Keeps `<div data-live="address">` fresh: fetches the address again while the page is looked at and
// swaps the content when it changed. Unchanged costs a 304 without a body. After five quiet minutes
// it asks less and less often, down to once a minute, so that a cheap phone pays little.
const FIRST_MS = 2500; // plus the recompute: a new figure is on screen within 5 s
const SLOWEST_MS = 60000;
const QUIET_MS = 5 * 60000;

/** @param {HTMLElement} region */
function keepFresh(region) {
  const address = /** @type {string} */ (region.dataset.live);
  const news = document.createElement("p");
  news.className = "visually-hidden";
  news.setAttribute("aria-live", "polite");
  region.after(news);
  let etag = "";
  let wait = FIRST_MS;
  let changedAt = Date.now();

  /** @param {string} html */
  function swap(html) {
    const open = [...region.querySelectorAll("details[open][id]")].map((details) => details.id);
    const focused = region.contains(document.activeElement) ? document.activeElement?.id : "";
    region.innerHTML = html;
    for (const id of open) region.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus();
    region.dispatchEvent(new CustomEvent("live:changed", { bubbles: true }));
  }

  async function look() {
    try {
      /** @type {Record<string, string>} */
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(address, { headers, cache: "no-store", redirect: "error" });
      if (answer.status === 200) {
        const html = await answer.text();
        const isFirst = etag === "";
        etag = answer.headers.get("ETag") ?? "";
        swap(html);
        if (!isFirst) {
          news.textContent = region.dataset.liveNews ?? "";
          changedAt = Date.now();
        }
      }
    } catch {
      wait = SLOWEST_MS; // no signal, or logged out: ask seldom
      return;
    }
    wait = Date.now() - changedAt < QUIET_MS ? FIRST_MS : Math.min(wait * 1.5, SLOWEST_MS);
  }

  async function tick() {
    if (document.visibilityState === "visible") await look();
    window.setTimeout(tick, wait);
  }

  tick();
}

document.querySelectorAll("[data-live]").forEach((region) => {
  keepFresh(/** @type {HTMLElement} */ (region));
});
