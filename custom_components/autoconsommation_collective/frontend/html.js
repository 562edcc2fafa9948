// Markup as a tagged template: whatever is filled in is escaped, unless it is markup itself.

/** Markup that is safe to insert. */
class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * A value as it may stand in markup; nothing for null, undefined and false.
 * @param {unknown} value
 * @returns {string}
 */
function inserted(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(inserted).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");
}

/**
 * Markup from a template.
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values
 */
export function html(strings, ...values) {
  const parts = strings.map((text, n) => text + (n < values.length ? inserted(values[n]) : ""));
  return new Markup(parts.join(""));
}
