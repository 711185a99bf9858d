// In the service worker: signal is back (Background Sync) while no page is open, or none that runs.
// The worker has the same engine. With the lock closed it can read nothing, and leaves it to the page;
// wiping too: a person should see that.
import { device } from "./api.js";
import { round } from "./engine.js";
import * as vault from "./vault.js";

async function send() {
  if (!(await device()) || !(await vault.resume())) return;
  await round(false); // when it fails, the browser wakes us again
}

self.addEventListener("sync", (event) => {
  const { waitUntil } = /** @type {any} */ (event);
  waitUntil.call(event, send());
});
