// The forms make this screen (docs/decisions/075-…); until then it says so.
import { setTitle } from "./frame.js";
import { _ } from "./i18n.js";
import { empty } from "./ui.js";

/** @param {HTMLElement} root @param {Record<string, string>} _params @returns {Promise<import("./types.js").View | void>} */
export async function render(root, _params) {
  setTitle(_("Rancher"), { back: "#/" });
  root.append(empty("clipboard", _("Not here yet"), _("This screen comes with the next version.")));
}
