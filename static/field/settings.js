// This phone: room, whether the browser may clear it, PIN, language, the file of last resort, version.
import { asDevice, device } from "./api.js";
import { lockNow, show } from "./app.js";
import { readMeta } from "./db.js";
import { saveUnsent } from "./export.js";
import { setTitle } from "./frame.js";
import { _, currentLanguage, fmt, loadLanguage } from "./i18n.js";
import { packageState } from "./reference.js";
import { fullNote } from "./reminders.js";
import { askToPersist, room } from "./room.js";
import { syncNow } from "./sync.js";
import { button, confirm, h, icon, note, toast } from "./ui.js";
import { lookForUpdate, readyOffline, takeUpdate, updates, updateWaits } from "./updates.js";
import { unsent } from "./unsent.js";
import { appVersion } from "./version.js";
import { wipe } from "./wipe.js";

/** @param {HTMLElement} root @returns {Promise<import("./types.js").View>} */
export async function render(root) {
  setTitle(_("Phone"));
  const draw = async () => root.replaceChildren(...(await sections(draw)));
  updates.addEventListener("change", draw);
  await draw();
  return { leave: () => updates.removeEventListener("change", draw) };
}

/** @param {string} title @param {...any} children */
function section(title, ...children) {
  return h("section", { class: "card" }, h("h2", null, title), ...children);
}

/** @param {() => Promise<void>} draw */
async function sections(draw) {
  const [space, mine, came, contact, offline, waiting] = await Promise.all([room(), device(), packageState(), readMeta("contact"), readyOffline(), unsent()]);
  return [
    section(
      _("Works without signal"),
      h("p", null, icon(offline ? "check" : "warning"), " ", offline ? _("Yes: Hato opens without signal, for as long as you need.") : _("Not yet: leave Hato open with signal for a minute.")),
      h("dl", { class: "facts" }, h("dt", null, _("Data of")), h("dd", null, came ? fmt.instant(came.at) : _("none yet")), h("dt", null, _("Last contact")), h("dd", null, contact ? fmt.instant(contact.at) : _("none yet"))),
      button(_("Fetch what is new"), { icon: "sync", kind: "plain", wide: true, onclick: async () => (await syncNow({ fresh: true }), draw()) }),
    ),
    section(
      _("Room on the phone"),
      h("p", null, _("Hato uses {used}. The browser lets it use up to {left} more, if the phone has them.", { used: fmt.bytes(space.used), left: fmt.bytes(space.left) })),
      space.full ? fullNote() : null,
      h("meter", { min: 0, max: space.used + space.left, value: space.used, "aria-label": _("Room used") }),
      space.persisted
        ? h("p", null, icon("check"), " ", _("The browser promises never to clear Hato's data by itself."))
        : note("warning", h("p", null, _("The browser may clear Hato's data if the phone runs full. Install Hato on the home screen, then ask again.")), button(_("Ask again"), { kind: "plain", onclick: async () => (await askToPersist(), draw()) })),
    ),
    section(
      _("If there is no signal for long"),
      h("p", null, _("Save a file of everything that is not sent and hand it to the coordinator. What is in it counts once, also if the phone sends it later.")),
      button(_("Save a file of what is not sent"), { icon: "download", kind: "plain", wide: true, onclick: async () => toast((await saveUnsent()) ? _("The file is in the phone's downloads.") : _("Everything is sent: there is nothing to save.")) }),
    ),
    section(
      _("Lock and language"),
      button(_("Lock now"), { icon: "lock", kind: "plain", wide: true, onclick: () => void lockNow() }),
      h("a", { class: "button button--plain button--wide", href: "/campo/?pin=nuevo" }, _("Change the PIN")),
      h("div", { class: "actions", role: "group", "aria-label": _("Language") }, language("es", "Español", draw), language("en", "English", draw)),
    ),
    section(
      _("Version"),
      h("p", null, mine ? `${mine.user.name} · ` : "", _("Version {version}", { version: appVersion() })),
      updateWaits()
        ? button(_("Change to the new version"), { icon: "download", wide: true, onclick: () => void takeUpdate() })
        : button(_("Look for a new version"), { kind: "plain", wide: true, onclick: async () => (await lookForUpdate(), draw()) }),
    ),
    section(
      _("Sign out of this phone"),
      h("p", null, waiting.any ? _("Not now: there is work that has not been sent. Send it first.") : _("Erases Hato's data from this phone. Everything has been sent.")),
      waiting.any ? null : button(_("Sign out and erase"), { kind: "danger", wide: true, onclick: () => void signOut() }),
    ),
  ];
}

/** @param {string} code @param {string} name @param {() => Promise<void>} draw */
function language(code, name, draw) {
  const chosen = currentLanguage() === code;
  return h("button", { type: "button", class: chosen ? "button" : "button button--plain", lang: code, "aria-pressed": String(chosen), onclick: async () => (await loadLanguage(code), await show(), draw) }, name);
}

async function signOut() {
  const yes = await confirm({ title: _("Sign out of this phone?"), text: _("Hato's data is erased from it. To use it again you need signal and your password."), yes: _("Sign out and erase"), danger: true });
  if (!yes) return;
  if ((await unsent()).any) return show(); // saved meanwhile
  const mine = await device();
  if (mine) await asDevice("POST", `devices/${mine.id}/wiped/`, { json: {} }).catch(() => undefined); // it is only told
  await wipe("left");
}
