// The picture layers of a map, as the settings name them (config/map_layers.py): a base map that is
// always on, and overlays with a switch. With none configured nothing is asked of anybody.
const L = /** @type {any} */ (window).L;

/** @typedef {{name: string, url: string, attribution: string, is_base: boolean}} Layer */

/**
 * Add them to a map, and the pane "ground" between the base map and the overlays. Returns whether there
 * is a base map, which the ground must not hide.
 * @param {any} map @param {Layer[]} layers @returns {boolean}
 */
export function addLayers(map, layers) {
  map.createPane("ground").style.zIndex = "300"; // tiles 200, plots from 400
  const over = map.createPane("overlays");
  over.style.zIndex = "350";
  over.style.pointerEvents = "none";
  /** @type {Record<string, any>} */
  const overlays = {};
  for (const { name, url, attribution, is_base } of layers) {
    const tiles = L.tileLayer(url, { attribution: plain(attribution), maxZoom: 19, pane: is_base ? "tilePane" : "overlays" });
    if (is_base) tiles.addTo(map);
    else overlays[plain(name)] = tiles;
  }
  if (layers.length) map.attributionControl.setPrefix(false);
  else map.attributionControl.remove();
  if (Object.keys(overlays).length) L.control.layers(null, overlays, { collapsed: window.innerWidth < 768 }).addTo(map);
  return layers.some((one) => one.is_base);
}

/** Leaflet takes names as HTML. @param {string} text */
function plain(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}
