// What the technician should know on the first screen: old unsent work, a new version, a wrong clock.
import { readMeta } from "./db.js";
import { _, ngettext } from "./i18n.js";
import { rows } from "./items.js";
import { room } from "./room.js";
import { status } from "./sync.js";
import { button, h, note } from "./ui.js";
import { takeUpdate, updateWaits } from "./updates.js";

const OLD_DAYS = 3;
const CLOCK_OFF_S = 300;

/** The phone is full, and what to do. */
export function fullNote() {
  return note("error", h("p", null, _("The phone is full. Photos are not taken until there is room; visits still fit. Send what is not sent, or delete videos and apps from the phone.")));
}

/** @returns {Promise<HTMLElement[]>} */
export async function reminders() {
  const found = [];
  const limit = new Date(Date.now() - OLD_DAYS * 86_400_000).toISOString();
  const all = await rows();
  const old = all.filter((row) => row.unsent_since && row.unsent_since < limit && row.state !== "draft").length;
  const mend = all.filter((row) => row.state === "rejected").length;
  if (mend) {
    found.push(note("error", h("p", null, ngettext("{n} visit must be mended before it counts.", "{n} visits must be mended before they count.", mend)), h("a", { href: "#/dia" }, _("See which"))));
  }
  if (old) {
    found.push(
      note(
        "warning",
        h("p", null, ngettext("{n} has not been sent for over 3 days.", "{n} have not been sent for over 3 days.", old), " ", _("Look for signal; or save a file of what is not sent and hand it to the coordinator.")),
        h("a", { href: "#/ajustes" }, _("Save a file")),
      ),
    );
  }
  if ((await room()).full) found.push(fullNote());
  if (status.phase === "login") {
    found.push(note("warning", h("p", null, _("The server no longer knows this phone. Log in again; what is saved stays.")), h("a", { href: "/campo/?pin=nuevo" }, _("Log in again"))));
  }
  if (await readMeta("signed_out")) {
    found.push(note("warning", h("p", null, _("The coordinator signed this phone out. What is not sent is sent first, then Hato is erased from it."))));
  }
  const contact = await readMeta("contact");
  if (contact && Math.abs(contact.clock_ahead_s) > CLOCK_OFF_S) {
    found.push(note("warning", h("p", null, ngettext("The clock of this phone is off by {n} minute. Set it right in the phone's settings.", "The clock of this phone is off by {n} minutes. Set it right in the phone's settings.", Math.round(Math.abs(contact.clock_ahead_s) / 60)))));
  }
  if (updateWaits()) {
    found.push(note("info", h("p", null, _("There is a new version of Hato. What is saved stays.")), button(_("Change to it"), { kind: "plain", icon: "download", onclick: () => void takeUpdate() })));
  }
  return found;
}
