// Operation, to whoever organises it: who takes part, what was shared, what is left to do.

import { DOMAIN } from "../entities.js";
import { fill } from "../format.js";
import { html } from "../html.js";
import { renderBars } from "./operation.js";

/** @typedef {import("../types.js").Scene} Scene */
/** @typedef {import("../types.js").Duty} Duty */
/** @typedef {import("../types.js").Organised} Organised */

/** Of a table below its drawing. */
const MOST_MONTHS = 6;
const MOST_LATE = 5;

/** @param {Scene} scene */
export function renderOrganised(scene) {
  const { texts, format, organised, config, membership, hass } = scene;
  if (!organised) return html`<p class="notice">${texts.waiting}</p>`;
  const { months } = organised;
  return html`<section class="operation organised">
    <header><h2>${config.title ?? texts.organised_title}</h2></header>
    <p class="subject">${organised.name}</p>
    <dl class="tiles">
      <div><dt>${texts.participants_today}</dt><dd>${format.number(organised.members, 0)}<small>${fill(texts.of_whom, { consumers: organised.consumers, producers: organised.producers })}</small></dd></div>
      ${renderNext(scene, organised)}
    </dl>
    ${renderLate(scene, organised)}
    ${renderWaiting(scene, organised)}
    ${months.length === 0 ? html`<p class="notice small">${texts.no_month_taken_in}</p>` : html`${renderBars(scene, months)}${renderTable(scene, organised)}`}
    ${hass.user?.is_admin && html`<p><a class="plain" href="/config/integrations/integration/${DOMAIN}#config_entry=${membership?.config_entry}">${texts.organise}</a></p>`}
  </section>`;
}

/**
 * @param {Scene} scene
 * @param {Organised} organised
 */
function renderNext({ texts, format }, { next, has_deadlines }) {
  if (next) {
    return html`<div class="saved"><dt>${texts.next_due}</dt><dd>${format.shortDate(next.due)}<small>${dutyOf(texts, format, next)}</small></dd></div>`;
  }
  return html`<div><dt>${texts.next_due}</dt><dd>–<small>${has_deadlines ? texts.nothing_due : texts.no_deadlines}</small></dd></div>`;
}

/**
 * What is late, as a list; nothing where nothing is.
 * @param {Scene} scene
 * @param {Organised} organised
 */
function renderLate({ texts, format }, { late }) {
  if (late.length === 0) return "";
  const more = late.length - MOST_LATE;
  return html`<h3>${texts.late}</h3><ul class="duties">
    ${late.slice(0, MOST_LATE).map((one) => html`<li><ha-icon icon="mdi:clock-alert-outline"></ha-icon>${dutyOf(texts, format, one)} <small>${fill(texts.was_due, { day: format.shortDate(one.due) })}</small></li>`)}
    ${more > 0 && html`<li><small>${fill(texts.more_late, { n: more })}</small></li>`}
  </ul>`;
}

/**
 * Months that wait to be published.
 * @param {Scene} scene
 * @param {Organised} organised
 */
function renderWaiting({ texts, format }, { unpublished, is_published }) {
  const months = unpublished.map((month) => format.month(month)).join(", ");
  if (!is_published) return html`<p class="hint">${texts.published_nowhere}</p>`;
  return html`<p class="hint">${months ? fill(texts.to_publish, { months }) : texts.all_published}</p>`;
}

/**
 * The last months, the newest first; no rate without its kWh.
 * @param {Scene} scene
 * @param {Organised} organised
 */
function renderTable({ texts, format }, { months, unpublished }) {
  return html`<table class="months"><thead><tr><th scope="col">${texts.month_word}</th><th scope="col">${texts.shared}</th><th scope="col">${texts.part_shared}</th></tr></thead><tbody>
    ${months
      .slice(-MOST_MONTHS)
      .reverse()
      .map(
        (one) => html`<tr><th scope="row">${format.month(one.month)}<small>${[texts[one.basis ?? ""], unpublished.includes(one.month) && texts.waits].filter(Boolean).join(", ")}</small></th>
          <td>${format.kwh(one.shared_kwh)}</td><td>${format.percent(one.self_consumption_rate)}<small>${fill(texts.of_produced, { whole: format.kwh(one.production_kwh) })}</small></td></tr>`,
      )}
  </tbody></table>`;
}

/**
 * A duty and its month, in words.
 * @param {Record<string, string>} texts
 * @param {import("../format.js").Format} format
 * @param {Duty} one
 */
const dutyOf = (texts, format, one) => `${texts[`duty_${one.duty}`] ?? one.duty}, ${format.month(one.month)}`;
