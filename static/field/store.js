// What views use of the phone's store: `import * as store from "./store.js"`.
export { changes, item, items, removeDraft, save } from "./items.js";
export { addPhoto, photoBlob, photosOf, removePhoto } from "./pictures.js";
export { reference } from "./reference.js";
export { Full } from "./room.js";
