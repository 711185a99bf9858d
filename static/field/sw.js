// The service worker's own part. monitoring/views/field.py puts the list of the shell's files and the
// Workbox libraries before it: self.HATO = {version, files: [{url, revision}]}.
{
  const worker = /** @type {any} */ (self);
  const { precaching, routing } = worker.workbox;

  precaching.precacheAndRoute(worker.HATO.files, { cleanURLs: false, ignoreURLParametersMatching: [/.*/] });
  // Whatever the address says behind it, the app is one page.
  routing.registerRoute(new routing.NavigationRoute(precaching.createHandlerBoundToURL("/campo/"), { allowlist: [/^\/campo\/(\?|$)/] }));
  precaching.cleanupOutdatedCaches();

  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

  // A new version waits until the person takes it (static/field/updates.js).
  worker.addEventListener("message", (/** @type {MessageEvent} */ { data }) => {
    if (data === "take over") worker.skipWaiting();
  });

  // Signal is back (Background Sync): the page holds the key and the engine, so it is the page that sends.
  worker.addEventListener("sync", (/** @type {any} */ event) => {
    event.waitUntil(worker.clients.matchAll().then((/** @type {any[]} */ pages) => pages.forEach((page) => page.postMessage("sync"))));
  });
}
