// Nothing is told, said or shared between modules that nobody uses.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

import { TEXTS } from "../../custom_components/autoconsommation_collective/frontend/texts.js";

const FRONTEND = new URL("../../custom_components/autoconsommation_collective/frontend/", import.meta.url);
const TESTS = new URL("./", import.meta.url);
/** Of texts whose names are put together where they are used. */
const COMPOSED = /^(level|confidence|status|face|history|duty)_|_word$/;

/** What stands in the files of a folder, by their names. @param {URL} folder @param {RegExp} ending */
async function filesOf(folder, ending) {
  const names = (await readdir(folder, { recursive: true })).filter((name) => ending.test(name));
  const texts = names.map((name) => readFile(new URL(name.replaceAll("\\", "/"), folder), "utf-8"));
  return new Map((await Promise.all(texts)).map((text, n) => [names[n], text]));
}

test("each text stands somewhere on the card", async () => {
  const modules = await filesOf(FRONTEND, /(?<!texts)\.js$/);
  const code = [...modules.values()].join("\n");
  const isUsed = (/** @type {string} */ key) =>
    COMPOSED.test(key) || new RegExp(`(texts|textsOf\\([^()]*\\))\\.${key}\\b|"${key}"`).test(code);
  assert.deepEqual(Object.keys(TEXTS.en).filter((key) => !isUsed(key)), []);
});

test("each thing that the card is told is read", async () => {
  const code = [...(await filesOf(FRONTEND, /\.js$/)).values()].join("\n");
  const types = await readFile(new URL("types.d.ts", FRONTEND), "utf-8");
  const names = [...types.matchAll(/^  (\w+)\??:/gm)].map(([, name]) => name);
  assert.ok(names.length > 50);
  assert.deepEqual(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code)), []);
});

test("each export is imported", async () => {
  const modules = await filesOf(FRONTEND, /\.js$/);
  const tests = [...(await filesOf(TESTS, /\.mjs$/)).values()].join("\n");
  for (const [name, text] of modules) {
    const others = [...modules].filter(([other]) => other !== name).map(([, other]) => other);
    const imported = [...others, tests].join("\n").match(/^import \{[^}]*\}/gm)?.join("\n") ?? "";
    for (const [, exported] of text.matchAll(/^export (?:async )?(?:const|function|class) (\w+)/gm)) {
      assert.match(imported, new RegExp(`\\b${exported}\\b`), `${name}: ${exported}`);
    }
  }
});
