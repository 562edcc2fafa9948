// What tells Home Assistant that the card and its dashboard are there.

import { CARD, pageTexts, TYPE } from "./editor.js";
import { faceFor, organisedBy } from "./entities.js";
import { AutoconsommationCard } from "./element.js";
import { generate, STRATEGY, suggestions } from "./strategy.js";
import { textsOf } from "./texts.js";

/** @typedef {import("./types.js").Hass} Hass */

/** A strategy is asked by the name of an element; it never stands on a page. */
class DashboardStrategy extends HTMLElement {
  /** @param {Hass} hass */
  static getCreateSuggestions(hass) {
    return suggestions(hass);
  }

  /**
   * @param {unknown} _config
   * @param {Hass} hass
   */
  static generate(_config, hass) {
    return generate(hass);
  }
}

/**
 * @param {string} name
 * @param {CustomElementConstructor} element
 */
function define(name, element) {
  // An older release may still be there in a page that was open during an upgrade.
  if (!customElements.get(name)) customElements.define(name, element);
}

/**
 * @param {"customCards" | "customStrategies"} list
 * @param {Record<string, unknown>} item
 */
function offer(list, item) {
  const page = /** @type {Record<string, Record<string, unknown>[]>} */ (/** @type {unknown} */ (window));
  const items = (page[list] ??= []);
  if (!items.some(({ type }) => type === item.type)) items.push(item);
}

define(TYPE, AutoconsommationCard);
define(`ll-strategy-dashboard-${STRATEGY}`, DashboardStrategy);
const texts = pageTexts();
offer("customCards", {
  type: TYPE,
  name: texts.name,
  description: texts.description,
  preview: true,
  getEntitySuggestion: (/** @type {Hass} */ hass, /** @type {string} */ entityId) => {
    const face = faceFor(hass, entityId);
    const entry = organisedBy(hass, entityId);
    const config = { type: CARD, face, ...(entry && { config_entry: entry }) };
    return face && { config, label: textsOf(hass.locale.language)[`face_${face}`] };
  },
});
offer("customStrategies", {
  type: STRATEGY,
  strategyType: "dashboard",
  name: texts.dashboard_name,
  description: texts.dashboard_description,
});
