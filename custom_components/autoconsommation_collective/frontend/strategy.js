// A whole dashboard from what is there, with one click.

import { CARD } from "./editor.js";
import { DOMAIN, entityOf } from "./entities.js";
import { textsOf } from "./texts.js";

/** @typedef {import("./types.js").Hass} Hass */
/** @typedef {import("./types.js").Membership} Membership */

export const STRATEGY = "autoconsommation";

/** @typedef {Record<string, unknown>} Part of a dashboard's configuration */

/** What its author is offered first. @param {Hass} hass */
export function suggestions(hass) {
  return { title: textsOf(hass.locale.language).dashboard_name, icon: "mdi:home-group" };
}

/** The whole dashboard of this Home Assistant. @param {Hass} hass */
export async function generate(hass) {
  /** @type {Membership[]} */
  const memberships = await hass.callWS({ type: `${DOMAIN}/memberships` });
  /** @type {{ statistic_id: string, source: string }[]} */
  const statistics = await hass.callWS({ type: "recorder/list_statistic_ids", statistic_type: "sum" });
  const ours = statistics.filter(({ source }) => source === DOMAIN);
  return dashboard(hass, memberships, ours.map(({ statistic_id }) => statistic_id));
}

/**
 * The dashboard of some memberships and organised operations; each has views of its own.
 * @param {Hass} hass
 * @param {Membership[]} memberships
 * @param {string[]} statistics
 */
export function dashboard(hass, memberships, statistics) {
  const texts = textsOf(hass.locale.language);
  if (memberships.length === 0) {
    return { title: texts.dashboard_name, views: [{ cards: [{ type: CARD, face: "now" }] }] };
  }
  const members = memberships.filter(({ organises }) => !organises);
  const isAlone = members.length === 1;
  const homes = members.flatMap((one, n) => [
    {
      title: isAlone ? texts.view_home : one.title,
      path: isAlone ? "now" : `now-${n + 1}`,
      icon: "mdi:solar-power",
      type: "sections",
      max_columns: 3,
      dense_section_placement: true,
      sections: homeSections(hass, one, texts),
    },
    {
      title: isAlone ? texts.view_months : `${one.title} : ${texts.view_months}`,
      path: isAlone ? "months" : `months-${n + 1}`,
      icon: "mdi:calendar-month",
      type: "sections",
      max_columns: 3,
      sections: monthSections(one, texts, isAlone ? statistics : []),
    },
  ]);
  const organised = memberships.filter(({ organises }) => organises);
  const operations = organised.map((one, n) => ({
    title: organised.length === 1 ? texts.view_organised : one.title,
    path: organised.length === 1 ? "organised" : `organised-${n + 1}`,
    icon: "mdi:clipboard-list-outline",
    type: "sections",
    max_columns: 2,
    sections: [{ type: "grid", column_span: 2, cards: [faceOf(one, "operation")] }],
  }));
  return { title: texts.dashboard_name, views: [...homes, ...operations] };
}

/**
 * A card of one face, as wide as its section.
 * @param {Membership} one
 * @param {string} face
 */
function faceOf({ config_entry }, face) {
  return { type: CARD, face, config_entry, grid_options: { columns: "full" } };
}

/**
 * @param {Hass} hass
 * @param {Membership} one
 * @param {Record<string, string>} texts
 */
function homeSections(hass, one, texts) {
  const calendars = ["good_windows", "planned_runs"]
    .map((key) => entityOf(hass, one.device_id, key))
    .filter((entity) => entity !== undefined);
  const tiles = ["estimated_allocated_today", "claimable_tomorrow", "price_now", "loads_saved"]
    .map((key) => entityOf(hass, one.device_id, key))
    .filter((entity) => entity !== undefined)
    .map((entity) => ({ type: "tile", entity, name: { type: "entity" }, grid_options: { columns: "full" } }));
  return [
    { type: "grid", cards: [faceOf(one, "now"), ...tiles] },
    { type: "grid", column_span: 2, cards: [faceOf(one, "day")] },
    { type: "grid", cards: [faceOf(one, "operation")] },
    {
      type: "grid",
      cards: [
        { type: "heading", heading: texts.section_advice, icon: "mdi:calendar-clock" },
        ...(calendars.length > 0
          ? [{ type: "calendar", entities: calendars, initial_view: "listWeek", grid_options: { columns: "full" } }]
          : []),
      ],
    },
  ].filter(({ cards }) => cards.length > 1 || !("heading" in (cards[0] ?? {})));
}

/**
 * @param {Membership} one
 * @param {Record<string, string>} texts
 * @param {string[]} statistics
 */
function monthSections(one, texts, statistics) {
  const history = ["complement", "allocated"]
    .map((kind) => ({
      entity: statistics.find((id) => id.endsWith(`_${kind}`) && !id.endsWith(`_dashboard_${kind}`)),
      name: texts[`history_${kind}`],
    }))
    .filter(({ entity }) => entity !== undefined);
  return [
    {
      type: "grid",
      column_span: 2,
      cards: [faceOf(one, "month")],
    },
    ...(history.length > 0
      ? [
          {
            type: "grid",
            cards: [
              { type: "heading", heading: texts.section_history, icon: "mdi:chart-bar" },
              {
                type: "statistics-graph",
                entities: history,
                stat_types: ["change"],
                chart_type: "bar",
                period: "week",
                days_to_show: 365,
                grid_options: { columns: "full" },
              },
            ],
          },
        ]
      : []),
  ];
}
