// Our entities in this Home Assistant, found by what they mean: their ids are in its language.

export const DOMAIN = "autoconsommation_collective";

/** @typedef {import("./types.js").Hass} Hass */

/**
 * Id of the entity of a device that shows a value, by its translation key.
 * @param {Hass} hass
 * @param {string | null | undefined} deviceId
 * @param {string} key
 * @returns {string | undefined}
 */
export function entityOf(hass, deviceId, key) {
  if (!deviceId) return undefined;
  return Object.values(hass.entities).find(
    (entity) =>
      entity.platform === DOMAIN && entity.translation_key === key && entity.device_id === deviceId,
  )?.entity_id;
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
 * Which face shows what an entity of ours is about; null for all others.
 * @param {Hass} hass
 * @param {string} entityId
 * @returns {import("./types.js").FaceName | null}
 */
export function faceFor(hass, entityId) {
  const entity = hass.entities[entityId];
  const key = entity?.translation_key;
  if (entity?.platform !== DOMAIN || !key) return null;
  if (/community|operation/.test(key)) return "operation";
  if (/^settled/.test(key)) return "month";
  if (/^(load|run|control|ready_by|need|planned|arm|skip)/.test(key)) return "day";
  return "now";
}
