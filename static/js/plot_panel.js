// What the map of plots says in words: the plot that was chosen, and how many are on screen.

/** @typedef {{ attribute: string, amount: boolean, shades: {at: any, colour: string, label: string}[] }} Value */

/** The class of a plot's value. @param {Value} value @param {Record<string, any>} properties */
export function shadeOf(value, properties) {
  const found = properties[value.attribute];
  const unknown = value.shades[value.shades.length - 1];
  if (found === undefined) return unknown;
  const classes = value.shades.slice(0, -1);
  const fits = value.amount ? classes.filter((shade) => shade.at <= found) : classes.filter((shade) => shade.at === found);
  return fits[fits.length - 1] ?? unknown;
}

/**
 * @param {{ data: any, map: any, plots: any, spanish: boolean }} of
 * @returns {{ choose: (latlng: any, byKey: boolean) => void, count: () => void }}
 */
export function panel({ data, map, plots, spanish }) {
  const chosen = document.querySelector("[data-plot-chosen]");
  const status = document.querySelector("[data-plot-status]");
  const amount = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

  /** @param {number} n */
  const howMany = (n) => `${amount.format(n)} ${n === 1 ? (spanish ? "predio" : "plot") : spanish ? "predios" : "plots"}`;

  /** @param {Record<string, any>} properties @returns {string[]} */
  const words = (properties) => [
    `${amount.format(properties.ha)} ha`,
    ...data.values.map((/** @type {any} */ value) => {
      if (value.attribute === "stage" && data.value.attribute !== "stage") return "";
      return `${value.title}: ${shadeOf(value, properties).label}`;
    }),
  ].filter(Boolean);

  return {
    choose(latlng, byKey) {
      if (!chosen) return;
      const found = plots.at(latlng);
      chosen.replaceChildren();
      plots.choose(found?.layer === "plots" ? found.id : 0);
      if (!found) {
        if (byKey) chosen.textContent = spanish ? "Aquí no hay ningún predio." : "There is no plot here.";
        return;
      }
      if (found.layer !== "plots") {
        const where = found.properties.name ? `${found.properties.name}: ` : "";
        const { n, ha } = found.properties;
        chosen.textContent = spanish
          ? `${where}${howMany(n)}, ${amount.format(ha)} ha. ${n === 1 ? "Acérquese para verlo." : "Acérquese para verlos."}`
          : `${where}${howMany(n)}, ${amount.format(ha)} ha. Zoom in to see ${n === 1 ? "it" : "them"}.`;
        if (!byKey) map.setView(latlng, map.getZoom() + 2);
        return;
      }
      if (!data.opens || !found.id) return;
      const text = document.createElement("span");
      text.textContent = words(found.properties).join(" · ");
      const link = document.createElement("a");
      link.className = "button button--small";
      link.href = data.opens.replace("/0/", `/${found.id}/`);
      link.textContent = spanish ? "Abrir el predio" : "Open the plot";
      chosen.append(text, link);
      if (byKey) link.focus();
    },
    count() {
      if (!status) return;
      const drawn = plots.drawn();
      const found = drawn.filter((/** @type {any} */ one) => one.layer === "plots" && (one.id || one.properties.here));
      const inView = new Set(found.map((/** @type {any} */ one) => one.id || one)).size;
      const far = drawn.some((/** @type {any} */ one) => one.layer === "districts");
      const many = drawn.some((/** @type {any} */ one) => one.layer === "squares");
      if (far) status.textContent = spanish ? "De tan lejos se ven los totales por distrito." : "From this far the totals of districts are shown.";
      else if (many) status.textContent = spanish ? "Hay demasiados predios para verlos uno por uno: cada cuadro dice cuántos hay. Acérquese." : "There are too many plots to see each: every square tells how many. Zoom in.";
      else if (inView) status.textContent = `${howMany(inView)} ${spanish ? "a la vista" : "in view"}.`;
      else status.textContent = spanish ? "No hay predios a la vista: aleje el mapa o muévalo." : "No plots in view: zoom out or move the map.";
    },
  };
}
