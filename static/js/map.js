// Maps of plots. <div class="map" data-map="id"> is filled from the JSON of the script with that id
// (ranchers/maps.py): ground, layers, plots, others, earlier; `draw` adds the drawing tools.
// Leaflet styles through CSSOM: the CSP allows it.
import { addLayers } from "./layers.js";

const L = /** @type {any} */ (window).L;
/** @type {Record<string, any>} */
const LOOK = {
  ground: { color: "#7d725c", weight: 1.5, fillColor: "#f4f1e8", fillOpacity: 1, interactive: false },
  plots: { color: "#12402a", weight: 2.5, fillColor: "#1d6f4c", fillOpacity: 0.35 },
  others: { color: "#0a5c92", weight: 1.5, fillOpacity: 0.12, pmIgnore: true },
  earlier: { color: "#b3470b", weight: 2, dashArray: "6 5", fillOpacity: 0, pmIgnore: true },
};
const SPANISH = document.documentElement.lang.startsWith("es");

for (const box of document.querySelectorAll("[data-map]")) start(/** @type {HTMLElement} */ (box));

/** @param {HTMLElement} box */
function start(box) {
  const data = JSON.parse(document.getElementById(box.dataset.map ?? "")?.textContent ?? "{}");
  const map = L.map(box, { zoomSnap: 0.5 });
  const hasBase = addLayers(map, data.layers ?? []);
  const ground = L.geoJSON(data.ground, { style: { ...LOOK.ground, fillOpacity: hasBase ? 0 : 1 }, pane: "ground", pmIgnore: true });
  ground.eachLayer((/** @type {any} */ layer) => label(layer, true));
  ground.addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const layers = ["others", "earlier", "plots"].filter((name) => data[name]?.features.length);
  const drawn = layers.map((name) => plotsLayer(data[name], LOOK[name], !data.draw).addTo(map));
  const aim = data.plots?.features.length ? drawn.at(-1) : layers.includes("earlier") ? drawn[layers.indexOf("earlier")] : ground;
  if (data.aim && aim === ground) map.setView(data.aim, 14);
  else if (aim.getBounds().isValid()) map.fitBounds(aim.getBounds(), { padding: [24, 24], maxZoom: 14 });
  if (data.draw) drawing(map);
}

/** @param {any} layer @param {boolean} always */
function label(layer, always) {
  const text = layer.feature?.properties?.label;
  if (!text) return;
  const element = document.createElement("span");
  element.textContent = text; // names come from people: text, never HTML
  layer.bindTooltip(element, { permanent: always, direction: always ? "center" : "auto", className: always ? "map-label" : "", sticky: !always });
}

/** @param {any} collection @param {any} style @param {boolean} opens a click opens the plot; not while drawing */
function plotsLayer(collection, style, opens = true) {
  return L.geoJSON(collection, {
    style,
    pmIgnore: style.pmIgnore,
    onEachFeature: (/** @type {any} */ feature, /** @type {any} */ layer) => {
      label(layer, false);
      if (opens && feature.properties.url) layer.on("click", () => { location.href = feature.properties.url; });
    },
  });
}

// The outline lives in the textarea; the drawing follows it and writes to it.
/** @param {any} map */
function drawing(map) {
  const field = /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-outline]"));
  const status = document.querySelector("[data-map-status]");
  map.pm.setLang(SPANISH ? "es" : "en");
  map.pm.addControls({
    position: "topleft", drawMarker: false, drawCircle: false, drawCircleMarker: false, drawPolyline: false,
    drawText: false, drawRectangle: true, cutPolygon: false, rotateMode: false, dragMode: false,
  });
  for (const button of document.querySelectorAll("[title] > .leaflet-buttons-control-button")) {
    // geoman names the container and leaves the link empty: a screen reader would say nothing
    button.setAttribute("aria-label", button.closest("[title]")?.getAttribute("title") ?? "");
  }
  map.pm.setGlobalOptions({ allowSelfIntersection: true, snappable: true, pathOptions: LOOK.plots });
  let own = L.featureGroup().addTo(map);

  const write = () => {
    const polygons = own.getLayers().flatMap((/** @type {any} */ layer) => {
      const shape = layer.toGeoJSON(7).geometry;
      return shape.type === "Polygon" ? [shape.coordinates] : shape.type === "MultiPolygon" ? shape.coordinates : [];
    });
    field.value = polygons.length ? JSON.stringify({ type: "MultiPolygon", coordinates: polygons }) : "";
    say();
  };
  const watch = (/** @type {any} */ layer) => layer.on("pm:edit pm:dragend pm:markerdragend", write);
  const say = () => {
    if (!status) return;
    const corners = (field.value.match(/\[-?[\d.]+,/g) ?? []).length - own.getLayers().length; // rings repeat their first
    status.textContent = corners ? (SPANISH ? `${corners} vértices en el contorno.` : `${corners} corners in the outline.`) : "";
  };
  const show = () => {
    own.clearLayers();
    try {
      const shape = JSON.parse(field.value);
      for (const coordinates of shape.type === "MultiPolygon" ? shape.coordinates : [shape.coordinates]) {
        const layer = L.GeoJSON.geometryToLayer({ type: "Feature", geometry: { type: "Polygon", coordinates } });
        layer.setStyle(LOOK.plots);
        watch(layer.addTo(own));
      }
      if (own.getBounds().isValid()) map.fitBounds(own.getBounds(), { padding: [24, 24], maxZoom: 16 });
    } catch {
      // Coordinates written by hand: the server reads them.
    }
    say();
  };
  map.on("pm:create", (/** @type {any} */ event) => {
    event.layer.removeFrom(map);
    watch(event.layer.addTo(own));
    write();
  });
  map.on("pm:remove", (/** @type {any} */ event) => {
    own.removeLayer(event.layer);
    write();
  });
  field.addEventListener("change", show);
  if (field.value) show();
}
