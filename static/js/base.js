// Every page: the menu on a phone, confirm dialogs, filters that send themselves, sortable tables.
// Pages work without any of it.
document.documentElement.classList.add("js");

const menuButton = document.querySelector("[data-menu-button]");
const nav = document.getElementById("nav");
if (menuButton && nav) {
  menuButton.addEventListener("click", () => {
    const open = nav.classList.toggle("nav--open");
    menuButton.setAttribute("aria-expanded", String(open));
  });
}

// <button data-confirm="id-of-dialog"> opens the dialog; the dialog's own form does the work.
document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const opener = target.closest("[data-confirm]");
  if (opener) {
    const dialog = document.getElementById(opener.getAttribute("data-confirm") ?? "");
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  const closer = target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  const print = /** @type {HTMLElement | null} */ (target.closest("[data-print]"));
  if (print) {
    const tables = print.dataset.print === "tables" ? [...document.querySelectorAll("details.chart-table:not([open])")] : [];
    for (const one of tables) one.setAttribute("open", "");
    window.print();
    for (const one of tables) one.removeAttribute("open");
  }
});

// <form data-autosubmit>: a changed select or date sends the form.
document.addEventListener("change", (event) => {
  const control = /** @type {HTMLElement} */ (event.target);
  const form = control.closest("form[data-autosubmit]");
  if (form instanceof HTMLFormElement && control.matches("select, input[type=date]")) form.requestSubmit();
});

// <table data-sortable>: header buttons sort by the cell's data-value or its text.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.querySelector("tbody");
  const headers = [...table.querySelectorAll("thead th")];
  headers.forEach((header, index) => {
    if (!body || header.hasAttribute("data-unsorted") || !header.textContent?.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const ascending = header.getAttribute("aria-sort") !== "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const key = (/** @type {HTMLTableRowElement} */ row) =>
        row.cells[index]?.dataset.value ?? row.cells[index]?.textContent?.trim() ?? "";
      const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
      const number = (/** @type {string} */ text) => (text === "" ? NaN : Number(text));
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        const difference = number(x) - number(y);
        return (Number.isNaN(difference) ? compare(x, y) : difference) * (ascending ? 1 : -1);
      });
      body.append(...rows);
    });
  });
}

// After a failed form, the summary of errors takes the focus.
/** @type {HTMLElement | null} */ (document.querySelector("[data-error-summary]"))?.focus();
