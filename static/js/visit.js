// The visit form: steppers, position, the start time, one sending; and 'pick all' of a conflict.
// The form works without any of it.

for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const input = stepper.querySelector("input");
  if (!input) continue;
  stepper.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-step]");
    if (!button) return;
    const typed = input.value.trim().replace(",", ".");
    // From an empty field the first tap brings last time's figure, the next ones change it.
    if (typed === "" && input.dataset.last !== undefined) {
      input.value = plain(input.dataset.last);
    } else {
      const now = Number(typed || 0);
      if (Number.isNaN(now)) return;
      const next = Math.max(0, now + Number(button.getAttribute("data-step")));
      input.value = String(Math.round(next * 100) / 100);
    }
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/**
 * "1,250.5" or "1 250,5" as a plain number: the last of , or . before one or two digits is the point.
 * @param {string} text
 */
function plain(text) {
  const compact = text.replace(/[\s\u00a0\u202f]/g, "");
  const match = compact.match(/^(.*)[.,](\d{1,2})$/);
  return match ? `${match[1].replace(/\D/g, "")}.${match[2]}` : compact.replace(/\D/g, "");
}

const started = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-started-at]"));
if (started && !started.value) started.value = new Date().toISOString();

const locate = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-locate]"));
const status = /** @type {HTMLElement | null} */ (document.querySelector("[data-locate-status]"));
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-visit-form]"));
if (locate && status && form && "geolocation" in navigator) {
  locate.hidden = false;
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  locate.addEventListener("click", () => {
    status.textContent = status.dataset.wait ?? "";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field("lat").value = coords.latitude.toFixed(7);
        field("lon").value = coords.longitude.toFixed(7);
        field("accuracy_m").value = coords.accuracy.toFixed(1);
        status.textContent = `${status.dataset.done} ${Math.round(coords.accuracy)}`;
      },
      () => {
        status.textContent = status.dataset.failed ?? "";
      },
      { enableHighAccuracy: true, timeout: 30000, maximumAge: 10000 },
    );
  });
  // A position typed by hand has no accuracy.
  for (const name of ["lat", "lon"]) field(name).addEventListener("input", () => (field("accuracy_m").value = ""));
}

form?.addEventListener("submit", () => {
  const button = form.querySelector("[type=submit]");
  if (button) setTimeout(() => button.setAttribute("disabled", ""), 0);
});
addEventListener("pageshow", () => form?.querySelector("[type=submit]")?.removeAttribute("disabled"));

for (const button of document.querySelectorAll("[data-pick-all]")) {
  button.addEventListener("click", () => {
    const value = button.getAttribute("data-pick-all");
    for (const radio of document.querySelectorAll(`input[type=radio][value="${value}"]`)) {
      /** @type {HTMLInputElement} */ (radio).checked = true;
    }
  });
}
