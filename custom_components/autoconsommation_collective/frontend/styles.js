// How it looks: colours and sizes of the user's own theme, light or dark.

export const STYLES = `
:host {
  --shared: var(--energy-solar-color, #ff9800);
  --supplier: var(--energy-grid-consumption-color, #488fc2);
  --surplus: var(--energy-grid-return-color, #8353d1);
  --good: var(--success-color, #43a047);
  --wait: var(--warning-color, #ffa600);
  --text: var(--primary-text-color, #141414);
  --quiet: var(--secondary-text-color, #5e5e5e);
  --line: var(--divider-color, #e0e0e0);
  --ground: var(--ha-card-background, var(--card-background-color, #fff));
  display: block;
  height: 100%;
}
ha-card { height: 100%; box-sizing: border-box; padding: 16px; overflow: hidden; color: var(--text); container-type: inline-size; }
* { box-sizing: border-box; }
h2, h3, h4, p, dl, dd, ul { margin: 0; padding: 0; }
h2 { font-size: var(--ha-font-size-xl, 1.35rem); font-weight: 500; line-height: 1.25; }
h3 { font-size: var(--ha-font-size-l, 1.05rem); font-weight: 500; margin: 16px 0 6px; }
h4 { font-size: 1rem; font-weight: 500; }
small { font-size: .82em; color: var(--quiet); font-weight: 400; }
ul { list-style: none; }
header { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; justify-content: space-between; margin-bottom: 8px; }
button, input, .movable { font: inherit; color: inherit; }
button { min-height: 44px; min-width: 44px; padding: 0 16px; border: 1px solid var(--line); border-radius: 22px; background: none; cursor: pointer; }
button:hover { background: color-mix(in srgb, var(--text) 7%, transparent); }
button.strong { border-color: transparent; background: var(--primary-color, #03a9f4); background: color-mix(in srgb, var(--primary-color, #03a9f4) 24%, var(--ground)); font-weight: 500; }
button.plain { border: 0; padding: 0 4px; color: var(--quiet); text-decoration: underline; }
button.icon { border: 0; padding: 0; border-radius: 50%; }
button[aria-disabled="true"] { opacity: .35; cursor: default; }
:focus-visible { outline: 3px solid var(--primary-color, #03a9f4); outline-offset: 2px; }
.tabs { display: flex; border: 1px solid var(--line); border-radius: 22px; overflow: hidden; }
.tabs button { border: 0; border-radius: 0; outline-offset: -4px; }
.tabs button[aria-pressed="true"] { background: color-mix(in srgb, var(--primary-color, #03a9f4) 22%, var(--ground)); font-weight: 600; box-shadow: inset 0 -3px var(--primary-color, #03a9f4); }
.notice { padding: 24px 8px; text-align: center; color: var(--quiet); font-size: 1.05rem; line-height: 1.5; }
.notice.small { padding: 12px 4px; text-align: start; font-size: .95rem; }
.strip { background: color-mix(in srgb, var(--wait) 22%, var(--ground)); border-inline-start: 5px solid var(--wait); border-radius: 6px; padding: 8px 12px; margin-bottom: 12px; }
.strip[hidden] { display: none; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.hint, .subject { color: var(--quiet); font-size: .92rem; }
.sure { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; color: var(--quiet); font-size: .95rem; }
.tag { display: inline-flex; gap: 4px; align-items: center; border: 1.5px dashed var(--quiet); border-radius: 12px; padding: 1px 10px; color: var(--text); font-size: .88rem; line-height: 1.5; }
.tag.settled, .tag.bill { border-style: solid; }
.tag ha-icon { --mdc-icon-size: 16px; }

/* Now */
.now { display: flex; flex-direction: column; gap: 12px; margin: -16px; padding: 20px; min-height: calc(100% + 32px); border-inline-start: 10px solid var(--mark); background: var(--ground); background: color-mix(in srgb, var(--mark) 13%, var(--ground)); --mark: var(--quiet); }
.now.level-good, .now.level-excellent { --mark: var(--good); }
.now.level-avoid { --mark: var(--wait); }
.question { font-size: 1.1rem; font-size: clamp(1.05rem, 4cqi, 1.5rem); color: var(--text); }
.answer { display: flex; gap: 16px; align-items: center; }
.sign { flex: none; display: grid; place-items: center; width: 72px; height: 72px; width: clamp(56px, 15cqi, 120px); height: clamp(56px, 15cqi, 120px); border-radius: 50%; border: 3px solid var(--mark); background: color-mix(in srgb, var(--mark) 26%, var(--ground)); }
.sign ha-icon { --mdc-icon-size: 40px; --mdc-icon-size: clamp(34px, 9.5cqi, 76px); }
.word { font-size: 1.9rem; font-size: clamp(1.65rem, 7.4cqi, 3.4rem); font-weight: 600; line-height: 1.12; overflow-wrap: break-word; }
.dots { display: inline-flex; gap: 6px; margin-top: 8px; }
.dots i { width: 14px; height: 14px; border-radius: 50%; border: 2px solid var(--mark); }
.dots i.on { background: var(--mark); }
.reason { font-size: 1.15rem; font-size: clamp(1.1rem, 3.9cqi, 1.55rem); line-height: 1.4; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr)); gap: 10px; }
.facts div { border-radius: 12px; padding: 10px 14px; background: var(--ground); border: 1px solid var(--line); }
.facts .wide { grid-column: 1 / -1; }
.facts dt { color: var(--quiet); font-size: 1rem; }
.facts dd { font-size: 1.4rem; font-size: clamp(1.3rem, 4.4cqi, 2rem); font-weight: 600; line-height: 1.25; }
.facts dd small { font-size: .75em; display: inline-block; }

/* Drawings */
svg { display: block; max-width: 100%; overflow: visible; }
svg text { fill: var(--quiet); font-size: 12px; font-family: inherit; }
.grid { stroke: var(--line); }
.mark-y { text-anchor: end; }
.mark-x, .now-word, .good-word { text-anchor: middle; }
.now-word, .good-word { fill: var(--text); font-weight: 600; }
.bar.shared, .cover { fill: var(--shared); }
.bar.supplier { fill: var(--supplier); }
.bar.surplus { fill: var(--surplus); }
.bar.estimate { fill-opacity: .55; }
.stripe { fill: var(--ground); fill-opacity: .75; }
.dot { fill: var(--good); }
.good { fill: var(--good); fill-opacity: .13; }
.band { fill: var(--shared); fill-opacity: .28; }
.edge { fill: none; stroke: var(--shared); stroke-width: 1; stroke-dasharray: 2 3; }
.share { fill: none; stroke: var(--shared); stroke-width: 3; }
.base { fill: none; stroke: var(--supplier); stroke-width: 2; stroke-dasharray: 6 4; }
.cheap { fill: var(--quiet); }
.tick, .midnight { stroke: var(--quiet); stroke-opacity: .6; }
.midnight { stroke-dasharray: 3 3; }
.now-line { stroke: var(--text); stroke-width: 2; }
.cursor { fill: var(--text); fill-opacity: .1; }
.chart { margin-inline: -16px; touch-action: pan-y; cursor: crosshair; }
.chart svg { margin-inline-start: 0; }
.readout { font-size: .95rem; min-height: 2.6em; line-height: 1.3; color: var(--text); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 6px 0; color: var(--quiet); font-size: .86rem; }
.legend li { display: flex; align-items: center; gap: 6px; }
.swatch { width: 18px; height: 12px; border-radius: 3px; flex: none; }
.swatch.shared { background: var(--shared); }
.swatch.supplier { background: var(--supplier); }
.swatch.surplus { background: var(--surplus); }
.swatch.band { background: color-mix(in srgb, var(--shared) 28%, transparent); outline: 1px dashed var(--shared); }
.swatch.good { background: radial-gradient(circle, var(--good) 1.5px, transparent 2px) 0 0 / 6px 6px, color-mix(in srgb, var(--good) 14%, transparent); }
.swatch.cheap { background: var(--quiet); height: 7px; }
.swatch.line { height: 0; border-top: 3px solid var(--shared); border-radius: 0; background: none; }
.swatch.line.base { border-top: 2px dashed var(--supplier); }
.swatch.hatched { background: repeating-linear-gradient(45deg, var(--quiet) 0 2px, transparent 2px 5px); }
.scroll { overflow: auto; max-height: 320px; margin-top: 8px; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { padding: 6px 10px; text-align: end; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { position: sticky; top: 0; background: var(--ground); text-align: end; }
.foot { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 8px; margin-top: 4px; }

/* Appliances */
.lane { border-top: 1px solid var(--line); }
.lane-head { display: grid; grid-template-columns: 32px minmax(0, 1fr) minmax(0, 1.2fr) 24px; gap: 8px; align-items: center; width: 100%; min-height: 52px; padding: 4px 0; border: 0; border-radius: 8px; text-align: start; }
.lane-name { font-weight: 500; }
.lane-head small { display: block; line-height: 1.3; }
.lane-next { text-align: end; font-size: .95rem; }
.track { position: relative; margin-inline: -16px; height: 30px; margin-bottom: 8px; }
.rail { fill: var(--line); }
.block .body { fill: var(--supplier); fill-opacity: .5; }
.block .rim { fill: none; stroke: var(--supplier); stroke-width: 1.5; }
.block.advised .rim { stroke-dasharray: 4 3; }
.block.advised .body { fill-opacity: .2; }
.block.advised .cover { fill-opacity: .5; }
.block.ran .body { fill: var(--quiet); fill-opacity: 1; }
.block.ran .rim { stroke: var(--quiet); }
.deadline { position: absolute; top: -7px; width: 44px; height: 44px; margin-left: -22px; }
.deadline i { position: absolute; left: 21px; top: 4px; width: 2px; height: 36px; background: var(--text); }
.deadline i::before { content: ""; position: absolute; left: 2px; top: 0; width: 12px; height: 14px; background: var(--text); clip-path: polygon(0 0, 100% 50%, 0 100%); }
.deadline b { position: absolute; left: 50%; top: -16px; transform: translateX(-50%); white-space: nowrap; font-size: 12px; padding: 1px 6px; border-radius: 8px; background: var(--text); color: var(--ground); opacity: 0; }
.deadline.movable { cursor: ew-resize; touch-action: none; border-radius: 12px; }
.deadline.movable:hover b, .deadline.movable:focus b, .deadline.dragged b { opacity: 1; }
.panel { padding: 4px 0 14px; line-height: 1.4; }
.panel .past { color: var(--quiet); }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; align-items: center; }
.buttons label { display: inline-flex; align-items: center; gap: 8px; }
input[type="time"] { min-height: 44px; border: 1px solid var(--quiet); border-radius: 8px; padding: 0 10px; background: var(--ground); color-scheme: light dark; }

/* Months and the neighbourhood */
.pager { display: flex; align-items: center; justify-content: space-between; min-height: 44px; }
.pager h3 { margin: 0; font-size: 1.2rem; }
.pager h3::first-letter { text-transform: uppercase; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.4rem, 1fr)); gap: 10px; margin: 12px 0; }
.tiles div { border: 1px solid var(--line); border-top: 5px solid var(--tile, var(--line)); border-radius: 10px; padding: 8px 12px; }
.operation .tiles { grid-template-columns: repeat(auto-fit, minmax(min(100%, 10.5rem), 1fr)); }
.tiles .shared { --tile: var(--shared); }
.tiles .supplier { --tile: var(--supplier); }
.tiles .surplus { --tile: var(--surplus); }
.tiles .saved { --tile: var(--good); }
.tiles.estimate div { border-style: dashed; border-top-style: dashed; }
.tiles dt { color: var(--quiet); font-size: .92rem; }
.tiles dd { font-size: 1.35rem; font-weight: 600; line-height: 1.3; }
.tiles dd small { display: block; font-size: .62em; }
.rates { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 12px; margin: 12px 0; }
.rate { display: flex; gap: 14px; align-items: center; }
.rate p { color: var(--quiet); font-size: .92rem; line-height: 1.35; }
.dial { position: relative; flex: none; width: 84px; height: 84px; }
.dial strong { position: absolute; inset: 0; display: grid; place-items: center; font-size: 1rem; }
.ring circle { fill: none; stroke-width: 11; }
.ring .rail { stroke: var(--line); }
.ring .shared { stroke: var(--shared); }
.ring .surplus { stroke: var(--surplus); }
.organised table { margin: 8px 0; }
.organised th:first-child { text-align: start; padding-inline-start: 0; }
.organised :is(th, td) small { display: block; }
.duties li { display: grid; grid-template-columns: 24px 1fr; gap: 0 8px; align-items: center; min-height: 32px; }
.duties ha-icon { --mdc-icon-size: 20px; color: var(--wait); grid-row: span 2; }
.duties + .hint { margin-top: 8px; }
.duties small { grid-column: 2; }
a.plain { display: inline-flex; align-items: center; min-height: 44px; color: var(--quiet); }
.bars { position: relative; margin-top: 8px; }
.pick { position: absolute; top: 0; height: 100%; min-width: 0; padding: 0; border: 0; border-radius: 6px; outline-offset: -3px; }

@media (prefers-reduced-motion: no-preference) {
  .sign, .tabs button, .deadline b { transition: background .2s, opacity .2s; }
}
@media (forced-colors: active) {
  svg { forced-color-adjust: none; }
  :host { --shared: Highlight; --supplier: CanvasText; --surplus: GrayText; --good: Highlight; --wait: CanvasText; --text: CanvasText; --quiet: CanvasText; --line: GrayText; --ground: Canvas; }
  .tabs button[aria-pressed="true"] { outline: 2px solid Highlight; outline-offset: -3px; }
  .swatch, .deadline { forced-color-adjust: none; }
  .dots i.on { background: CanvasText; forced-color-adjust: none; }
}
`;
