// Where the app begins. One page works at a time: two would send the same things twice and hide each
// other's drafts.
import { flush, start } from "./app.js";
import { loadLanguage, _ } from "./i18n.js";
import { setTitle, standAlone, viewRoot } from "./frame.js";
import { registerWorker } from "./updates.js";
import { startSync } from "./sync.js";
import { button, empty } from "./ui.js";

const LOCK = "hato-campo";

/** @param {boolean} steal */
function work(steal) {
  void navigator.locks
    .request(LOCK, steal ? { steal: true } : { ifAvailable: true }, async (lock) => {
      if (!lock) {
        await elsewhere();
        return;
      }
      await start();
      startSync();
      await new Promise(() => undefined); // held until the page goes, or another one takes over
    })
    .catch(async (error) => {
      if (error?.name !== "AbortError") throw error;
      // Another window took over: write the last change, then stop everything that runs here.
      await flush().catch(() => undefined);
      location.reload();
    });
}

/** Another page has the work. */
async function elsewhere() {
  await loadLanguage();
  standAlone(true);
  setTitle("Hato");
  viewRoot().replaceChildren(
    empty(
      "phone",
      _("Hato is open in another window"),
      _("Only one window works at a time, so that nothing is sent twice. What you wrote is saved."),
      button(_("Go on here"), { onclick: takeOver, icon: "next" }),
    ),
  );
}

function takeOver() {
  sessionStorage.setItem("hato-take-over", "1");
  location.reload();
}

registerWorker();
work(sessionStorage.getItem("hato-take-over") === "1");
sessionStorage.removeItem("hato-take-over");
