// The card's options: what they may be, and the form in which Home Assistant asks for them.

import { DOMAIN } from "./entities.js";
import { textsOf } from "./texts.js";

/** @typedef {import("./types.js").CardConfig} CardConfig */

/** The card's name: as an element, and as a dashboard's configuration calls it. */
export const TYPE = "autoconsommation-card";
export const CARD = `custom:${TYPE}`;

export const FACE_NAMES = ["now", "day", "month", "operation"];

/** @type {Record<string, string>} */
const LABELS = {
  face: "editor_face",
  config_entry: "editor_entry",
  title: "editor_title",
  hide_loads: "editor_hide_loads",
};

/** Texts where no card is there yet: in the language of the page. */
export const pageTexts = () => textsOf(document.documentElement.lang);

/**
 * The options as they were given; throws where the face is none.
 * @param {CardConfig} config
 */
export function checked(config) {
  if (config.face !== undefined && !FACE_NAMES.includes(config.face)) {
    throw new Error(`face: ${FACE_NAMES.join(", ")}`);
  }
  return config;
}

/** The form; Home Assistant draws it. */
export function configForm() {
  const texts = pageTexts();
  const options = FACE_NAMES.map((value) => ({ value, label: texts[`face_${value}`] }));
  return {
    schema: [
      { name: "face", selector: { select: { mode: "dropdown", options } } },
      { name: "config_entry", selector: { config_entry: { integration: DOMAIN } } },
      { name: "title", selector: { text: {} } },
      { name: "hide_loads", selector: { boolean: {} } },
    ],
    computeLabel: (/** @type {{ name: string }} */ { name }) => texts[LABELS[name] ?? ""],
    assertConfig: checked,
  };
}
