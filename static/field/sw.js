// The service worker's own part. monitoring/field_shell.py puts the list of the shell's files and the
// Workbox libraries before it: self.HATO = {version, files: [{url, revision}]}; and background.js after.
{
  const worker = /** @type {any} */ (self);
  const { precaching, routing } = worker.workbox;
  let wiped = false; // the phone was wiped: whatever is on its way, nothing is kept (static/field/wipe.js)

  // A kept answer is for every question to its address: with Vary it would be hidden from a phone whose
  // language or log-in has changed since. An answer that is not whole fails the install, not the app.
  precaching.addPlugins([
    {
      /** @param {{response: Response}} arrived */
      async cacheWillUpdate({ response }) {
        if (wiped || response.status !== 200 || response.redirected) return null;
        const headers = new Headers(response.headers);
        for (const name of ["Vary", "Content-Encoding", "Content-Length"]) headers.delete(name);
        return new Response(response.body, { headers });
      },
    },
  ]);
  precaching.precacheAndRoute(worker.HATO.files, { cleanURLs: false, ignoreURLParametersMatching: [/.*/] });
  // Whatever the address says behind it, the app is one page.
  routing.registerRoute(new routing.NavigationRoute(precaching.createHandlerBoundToURL("/campo/"), { allowlist: [/^\/campo\/(\?|$)/] }));
  precaching.cleanupOutdatedCaches();

  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

  // A new version waits until the person takes it (static/field/updates.js).
  worker.addEventListener("message", (/** @type {MessageEvent} */ { data }) => {
    if (data === "take over") worker.skipWaiting();
    if (data === "keep nothing") wiped = true;
  });
}
