// Our entities in this Home Assistant, found by what they mean: their ids are in its language.

export const DOMAIN = "autoconsommation_collective";

/** @typedef {import("./types.js").Hass} Hass */

/** What an organiser is shown, by translation key. */
const ORGANISED = new Set(["published_month", "shared_month", "shared_rate", "members_today", "next_due", "to_do", "publish"]);

/**
 * Ours by device and translation key, of each state of the registry: it seldom changes, and a
 * large house has thousands of entities.
 * @type {WeakMap<Hass["entities"], Map<string, string>>}
 */
const found = new WeakMap();

/**
 * Id of the entity of a device that shows a value, by its translation key.
 * @param {Hass} hass
 * @param {string | null | undefined} deviceId
 * @param {string} key
 * @returns {string | undefined}
 */
export function entityOf({ entities }, deviceId, key) {
  let ours = found.get(entities);
  if (!ours) {
    const told = Object.values(entities).filter(({ platform }) => platform === DOMAIN);
    ours = new Map(told.map((one) => [`${one.device_id} ${one.translation_key}`, one.entity_id]));
    found.set(entities, ours);
  }
  return deviceId ? ours.get(`${deviceId} ${key}`) : undefined;
}

/**
 * A number that an entity shows, null where it shows none.
 * @param {Hass} hass
 * @param {string | undefined} entityId
 */
export function numberOf(hass, entityId) {
  const value = Number.parseFloat((entityId && hass.states[entityId]?.state) || "");
  return Number.isFinite(value) ? value : null;
}

/**
 * The entry of an organiser's entity, which a card shows only where it is named.
 * @param {Hass} hass
 * @param {string} entityId
 */
export function organisedBy({ entities, devices }, entityId) {
  const entity = entities[entityId];
  if (!ORGANISED.has(entity?.translation_key ?? "")) return undefined;
  return devices?.[entity?.device_id ?? ""]?.primary_config_entry ?? undefined;
}

/**
 * Which face shows what an entity of ours is about; null for all others.
 * @param {Hass} hass
 * @param {string} entityId
 * @returns {import("./types.js").FaceName | null}
 */
export function faceFor(hass, entityId) {
  const entity = hass.entities[entityId];
  const key = entity?.translation_key;
  if (entity?.platform !== DOMAIN || !key) return null;
  if (/community|operation/.test(key) || ORGANISED.has(key)) return "operation";
  if (/^settled/.test(key)) return "month";
  if (/^(load|run|control|ready_by|need|planned|arm|skip)/.test(key)) return "day";
  return "now";
}
