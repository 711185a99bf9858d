// The lock: every twelve hours the PIN is asked. Who has forgotten it logs in with signal.
import { asPerson, keepDevice, device, Refused } from "./api.js";
import { show } from "./app.js";
import { setTitle } from "./frame.js";
import { _, ngettext } from "./i18n.js";
import { choosePin, errorPlace, pinField } from "./pin.js";
import { syncNow } from "./sync.js";
import { button, h } from "./ui.js";
import * as vault from "./vault.js";

const AFTER_LOGIN = "/campo/?pin=nuevo";

/** @param {HTMLElement} root @returns {Promise<void>} */
export async function render(root) {
  const mine = await device();
  setTitle(_("Locked"));
  const { input, field } = pinField(_("Your PIN"), "pin", "current-password");
  const { place, say } = errorPlace();
  const submit = button(_("Open"), { type: "submit", wide: true });
  const open = async (/** @type {Event} */ event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await vault.unlock(input.value);
      void syncNow();
      await show();
    } catch (error) {
      if (!(error instanceof vault.WrongPin)) throw error;
      say(wrongPin(error.wait_s));
      input.value = "";
      setTimeout(() => (submit.disabled = false), error.wait_s * 1000);
      input.focus();
    }
  };
  input.addEventListener("input", () => {
    if (input.value.length === vault.PIN_DIGITS && !submit.disabled) input.form?.requestSubmit();
  });
  root.append(
    h(
      "form",
      { class: "form card", novalidate: true, onsubmit: open },
      h("p", null, _("Hello, {name}. The PIN opens Hato for 12 hours.", { name: mine?.user.name ?? "" })),
      field,
      place,
      submit,
    ),
    h("p", { class: "after" }, h("a", { class: "button button--plain button--wide", href: AFTER_LOGIN }, _("I forgot the PIN"))),
  );
  input.focus();
}

/** @param {number} wait_s */
function wrongPin(wait_s) {
  if (!wait_s) return _("That is not the PIN. Try again.");
  const wait = wait_s < 90 ? ngettext("Wait {n} second.", "Wait {n} seconds.", wait_s) : ngettext("Wait {n} minute.", "Wait {n} minutes.", Math.ceil(wait_s / 60));
  return `${_("That is not the PIN.")} ${wait} ${_("Nothing is erased.")}`;
}

/** The PIN is forgotten: with signal and the password a new one is chosen; what was saved stays. */
export const forgotten = {
  /** @param {HTMLElement} root */
  async render(root) {
    setTitle(_("New PIN"), { back: "/campo/" });
    root.append(
      choosePin({
        explain: _("With signal, and logged in with your password, you can choose a new PIN. What is saved on the phone stays."),
        done: _("Set the new PIN"),
        take: replacePin,
      }),
    );
  },
};

/** @param {string} pin */
async function replacePin(pin) {
  const mine = await device();
  if (!mine) return;
  let answer;
  try {
    answer = await asPerson("POST", `devices/${mine.id}/key/`, {});
  } catch (error) {
    if (!(error instanceof Refused) || ![401, 403].includes(error.status)) throw error;
    const next = encodeURIComponent(AFTER_LOGIN);
    location.assign(error.data?.code === "reauthenticate" ? `/cuentas/reautenticar/?next=${next}` : `/cuentas/entrar/?next=${next}`);
    return;
  }
  const raw = Uint8Array.from(atob(answer.data_key), (letter) => letter.charCodeAt(0));
  await vault.setPin(raw, pin);
  raw.fill(0);
  await keepDevice({ ...mine, locked_token: answer.locked_token }, answer.secret);
  history.replaceState(null, "", "/campo/");
  void syncNow();
  await show();
}

