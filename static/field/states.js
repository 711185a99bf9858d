// What became of an item, in words, with an icon and a colour: nothing is told by colour alone.
import { _ } from "./i18n.js";
import { h, icon } from "./ui.js";

/** @typedef {import("./types.js").State} State */

/** @param {State} state @returns {{text: string, icon: string, kind: string}} */
export function stateWords(state) {
  return {
    draft: { text: _("Draft"), icon: "edit", kind: "planned" },
    queued: { text: _("On the phone"), icon: "phone", kind: "warning" },
    sending: { text: _("Sending"), icon: "upload", kind: "warning" },
    received: { text: _("Received"), icon: "check", kind: "good" },
    rejected: { text: _("To be mended"), icon: "error", kind: "bad" },
    conflict: { text: _("Received; two versions differ"), icon: "warning", kind: "info" },
    quarantined: { text: _("Received; waits for the coordinator"), icon: "people", kind: "info" },
    held: { text: _("Received; waits for its rancher"), icon: "info", kind: "info" },
  }[state];
}

/** @param {State} state */
export function stateBadge(state) {
  const words = stateWords(state);
  return h("span", { class: `badge badge--${words.kind}` }, icon(words.icon), words.text);
}

/** @param {State} state what it means and what to do, or nothing */
export function stateAdvice(state) {
  return /** @type {Partial<Record<State, string>>} */ ({
    draft: _("Not finished: it is not sent until you finish it."),
    queued: _("Saved here. It is sent when there is signal."),
    rejected: _("The server could not take it as it is. Open it, mend what is marked and finish it again."),
    conflict: _("Somebody else changed the same visit. Both are kept; the coordinator chooses."),
    quarantined: _("It arrived, and the coordinator looks at it before it counts."),
    held: _("It arrived before the rancher or plot that it names. It is put in place when that arrives."),
  })[state];
}
