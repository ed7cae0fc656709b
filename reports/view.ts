/**
 * A recorded run as one HTML file to look at: lanes for hosts, arrows for packets, drops with their reasons, the tables of NATs
 * over time, a bar to scrub, a filter, zoom, keys. It works offline, from a disk: no request, no font, no library.
 */
import { pageHead } from './page-head.ts';
import { packRun } from './view/pack.ts';
import type { ViewAbout, ViewRun } from './view/run-data.ts';
import { viewerScript } from './view/script.ts';
import { viewerStyle } from './view/style.ts';
import { html } from './text.ts';

export type { ViewAbout, ViewRun } from './view/run-data.ts';

/** Nothing may be loaded from anywhere; what is inline may run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** The whole file. */
export function renderView(run: ViewRun, about: ViewAbout): string {
  return `${pageHead({ title: about.title, policy: POLICY, style: viewerStyle() })}
<body>
<header>
<div class="about"><h1>${html(about.title)}</h1><p>${html(about.subtitle)}</p><p>${html(about.command)}</p></div>
<div class="controls">
<input type="search" id="filter" placeholder="Filter: host, address, SYN, loss, -ack" aria-label="Filter events by words" spellcheck="false"><span id="count" aria-live="polite"></span>
<div class="group" role="group" aria-label="Kinds">${kinds()}</div>
<div class="group" role="group" aria-label="Drops"><button type="button" data-kind="drops" aria-pressed="false">Drops only</button></div>
<div class="group" role="group" aria-label="View"><button type="button" id="compact" data-press="c" aria-pressed="true" title="c">Squeeze time</button><button type="button" id="routers" data-press="r" aria-pressed="false" title="r">Routers</button></div>
<div class="group" role="group" aria-label="Zoom"><button type="button" data-press="-" aria-label="Zoom out">−</button><button type="button" data-press="0" title="0">All</button><button type="button" data-press="1" title="1">1:1</button><button type="button" data-press="+" aria-label="Zoom in">+</button></div>
<div class="group"><button type="button" id="play" data-press=" " aria-pressed="false" title="Space">Play</button></div>
</div>
</header>
<main><canvas id="lanes" tabindex="0" role="img" aria-label="Packets between hosts over time; j and k go from one to the next, the panel reads it"></canvas><div id="skipped"></div></main>
<aside>
<h2>Event</h2><div id="chosen" aria-live="polite"></div>
<h2>NAT tables <span>at <b id="at"></b></span></h2><div id="tables"></div>
<p id="missed" class="quiet"></p>
<h2>Legend</h2>${legend()}
<h2>Keys</h2>${keys()}
</aside>
<footer><canvas id="scrub" tabindex="0" role="slider" aria-label="Time of the run" aria-valuemin="0" aria-valuenow="0"></canvas></footer>
<script type="text/plain" id="data">${packRun(run, about)}</script>
<script>${viewerScript()}</script>
</body>
</html>
`;
}

function kinds(): string {
  const names = [
    ['tcp', 'TCP'],
    ['udp', 'UDP'],
    ['icmp', 'ICMP'],
    ['states', 'TCP states'],
    ['notes', 'Notes'],
  ] as const;
  return names
    .map(([kind, name]) => `<button type="button" data-kind="${kind}" aria-pressed="true">${name}</button>`)
    .join('');
}

function legend(): string {
  const arrow = (colour: string, dash = ''): string =>
    `<svg viewBox="0 0 34 12" style="stroke:var(--${colour})"><path d="M1 6h30M26 2l6 4-6 4" stroke-dasharray="${dash}"/></svg>`;
  const cross = '<svg viewBox="0 0 34 12" style="stroke:var(--drop)"><path d="M1 6h18M16 2l8 8M24 2l-8 8"/></svg>';
  const bar = '<svg viewBox="0 0 34 12" style="stroke:var(--udp);opacity:.5;stroke-width:4"><path d="M17 0v12"/></svg>';
  const dot = '<svg viewBox="0 0 34 12" style="fill:var(--fault)"><circle cx="17" cy="6" r="3"/></svg>';
  const rows: readonly (readonly [string, string])[] = [
    [arrow('tcp'), 'TCP segment; paler without payload'],
    [arrow('udp'), 'UDP datagram'],
    [arrow('icmp'), 'ICMP error'],
    [arrow('udp', '4 3'), 'copy made by a link, or still on its way'],
    [cross, 'dropped: on the link, or by the node it reached'],
    [dot, 'fault, or mapping made by a NAT'],
    [bar, 'life of a mapping, beside the lane of its NAT'],
  ];
  return `<div class="legend">${rows.map(([sign, words]) => `${sign}<span>${words}</span>`).join('')}</div>`;
}

function keys(): string {
  const rows: readonly (readonly [string, string])[] = [
    ['j k', 'next event, the one before'],
    ['d D', 'next drop, the one before'],
    ['↑ ↓ ⇞ ⇟', 'through time; Home and End'],
    ['← →', 'through lanes'],
    ['+ − 0 1', 'zoom; all; 1:1'],
    ['/ Esc', 'filter; nothing selected or filtered'],
    ['c r', 'squeeze time; show routers'],
    ['Space', 'let time run'],
    ['Click', 'on a name: only that host'],
  ];
  return `<div class="keys">${rows.map(([key, words]) => `<kbd>${key}</kbd><span>${words}</span>`).join('')}</div>`;
}
