// The first start: log in once with signal, choose a PIN, fetch the package.
import { go, show } from "./app.js";
import { asDevice, asPerson, keepDevice, Refused } from "./api.js";
import { readMeta, writeMeta } from "./db.js";
import { setTitle } from "./frame.js";
import { _, loadLanguage } from "./i18n.js";
import { uuid7 } from "./ids.js";
import { choosePin } from "./pin.js";
import { applyPackage } from "./reference.js";
import { askToPersist, keepReserve } from "./room.js";
import { syncNow } from "./sync.js";
import { button, empty, h, note } from "./ui.js";
import * as vault from "./vault.js";
import { registerWorker } from "./updates.js";
import { appVersion } from "./version.js";
import { forgetShell, forgetWiped, wiped } from "./wipe.js";

const WORKERS = new Set(["technician", "coordinator"]);
const LOGIN = "/cuentas/entrar/?next=/campo/";

/** @param {HTMLElement} root @returns {Promise<void>} */
export async function render(root) {
  setTitle("Hato");
  const why = wiped();
  if (why) {
    await forgetShell();
    root.append(saidGoodbye(why));
  }
  let me;
  try {
    me = await asPerson("GET", "/api/v1/me/");
  } catch (error) {
    root.append(error instanceof Refused ? welcome() : noSignal());
    return;
  }
  if (!WORKERS.has(me.role)) {
    root.append(empty("people", _("This app is for technicians"), _("You are logged in as {name}, who does not log visits. Log in as a technician to go on.", { name: me.name }), link(_("Log in"), LOGIN)));
    return;
  }
  await loadLanguage(me.language === "en" ? "en" : "es");
  setTitle(_("Prepare this phone"));
  root.append(h("p", { class: "lead" }, _("Hello, {name}. This is done once, with signal. After it Hato opens without signal.", { name: me.name })));
  root.append(
    choosePin({
      explain: _("Choose a PIN of 6 digits. It opens Hato on this phone every 12 hours, and locks what you write if the phone is lost."),
      done: _("Prepare this phone"),
      take: (pin) => register(me, pin),
    }),
  );
}

/** @param {string} why */
function saidGoodbye(why) {
  return note(
    "success",
    h("p", null, why === "left" ? _("You signed out: nothing of Hato is left on this phone.") : _("The coordinator signed this phone out. Everything was sent, and nothing of Hato is left on it.")),
  );
}

/** @param {string} text @param {string} href */
function link(text, href) {
  return h("a", { class: "button button--wide", href }, text);
}

function welcome() {
  return empty("mark", _("Hato for the field"), _("Log visits without signal, for days; they are sent when there is signal. Log in once to prepare this phone."), link(_("Log in"), LOGIN));
}

function noSignal() {
  return empty(
    "warning",
    _("No signal"),
    _("To prepare this phone Hato needs signal once. Look for signal and try again."),
    button(_("Try again"), { icon: "sync", onclick: () => void show() }),
  );
}

/** @param {any} me @param {string} pin */
async function register(me, pin) {
  const raw = vault.newDataKey();
  // The same id again after a failure: the server then knows one phone, not two.
  const id = (await readMeta("coming_id")) ?? uuid7();
  await writeMeta("coming_id", id);
  const name = /Android [\d.]+; ([^;)]+)/.exec(navigator.userAgent)?.[1] ?? navigator.platform ?? "";
  const data_key = btoa(String.fromCharCode(...raw));
  const made = await asPerson("POST", "devices/", { id, name: name.slice(0, 60), app_version: appVersion(), data_key });
  await vault.setPin(raw, pin);
  raw.fill(0);
  await keepDevice({ id, name, user: made.user, locked_token: made.locked_token }, made.secret);
  forgetWiped();
  await keepReserve();
  registerWorker();
  await writeMeta("persist_asked", await askToPersist());
  await applyPackage(await asDevice("GET", "package/?since=")).catch(() => undefined); // the engine tries again
  void syncNow();
  go("#/");
  await show();
}

