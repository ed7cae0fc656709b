/** What stands on the demo page before its script runs: every control with its name, every region with its heading. */
import { LINK_PRESETS } from '../../sim/index.ts';
import { escapeText } from '../../reports/text.ts';
import { PACKET_KINDS } from './kinds.ts';
import { RANGES } from './plan.ts';
import { ROUTER_GROUPS } from './router-options.ts';

/** The markup inside `body`. */
export function demoBody(): string {
  return `<header>
<div class="title"><h1>A network in your browser</h1>
<p>A deterministic network simulator and a real messaging engine run in this page. Nothing is sent anywhere; equal plans give equal runs, to the last bit.</p></div>
<div class="views" role="group" aria-label="What to look at">${views()}</div>
</header>
<form id="plan" aria-label="The plan of the run">${planFields()}</form>
<p id="trouble" role="alert"></p>
<main id="run-view">
<section class="theatre" aria-label="The network">
<div id="stage"><canvas id="picture" role="img" aria-label="Packets on their way between hosts; the list of what happened says it in words"></canvas><div id="things"></div><p id="busy" role="status">Loading</p></div>
${transport()}
<div class="timeline"><canvas id="timeline" tabindex="0" role="slider" aria-label="Time of the run" aria-valuemin="0" aria-valuemax="30" aria-valuenow="0"></canvas></div>
<div class="legend" aria-label="Colours and shapes">${legend()}</div>
</section>
<aside>
<section class="card" id="chosen-card"><h2 id="chosen-name">Throw a stone</h2><div id="chosen"><p class="quiet">Choose a host, a router or the round mark of a link in the picture. Then cut it, crash it, or move it, while time runs.</p></div></section>
<section class="card"><h2>What happened <span id="log-count"></span></h2><ol id="log" tabindex="0" aria-label="What happened, the latest first"></ol></section>
<section class="card"><h2>Messages <span id="letter-count"></span></h2><ol id="letters" tabindex="0" aria-label="Messages, the latest first"></ol></section>
</aside>
<section class="card below"><h2><label for="script">Stones thrown: the script of faults</label></h2>
<p class="quiet">One a line, with its time in the run. What you click is added here; you may also write.</p>
<textarea id="script" rows="4" spellcheck="false" placeholder="3.2s loss link=ann-router-internet perMille=300"></textarea>
<div class="row"><button type="button" id="script-apply">Run with these</button><button type="button" id="script-clear">No faults</button></div></section>
<section class="card below"><h2>The same run again</h2>
<p>Digest <output id="digest" class="digest">…</output> <span id="events" class="quiet"></span></p>
<p class="quiet">Everybody who opens this page's address, or types this line, gets that digest:</p>
<pre id="command" tabindex="0"></pre>
<div class="row"><button type="button" id="copy-link">Copy address</button><button type="button" id="copy-command">Copy command</button><span id="copied" role="status"></span></div></section>
</main>
<main id="matrix-view" hidden>
<section class="card"><h2>Who reaches whom directly: all 9 × 9 pairs of routers</h2>
<p>A router gives an inner port an outer one (mapping), and lets answers in (filtering); each may depend on nothing (EI), on the other side’s address (AD), or on its address and port (APD): RFC 4787. Each cell is a run of its own. Choose one to watch it.</p>
<div class="row" role="group" aria-label="How to fill the table">
<label>Reading <select id="matrix-reading"><option value="strict">strict: by the letter of the RFC</option><option value="session">session: answers leave by the mapping that was used</option></select></label>
<label>By <select id="matrix-by"><option value="punch">plain hole punching</option><option value="pair">the engine over UDP</option></select></label>
<button type="button" id="matrix-run">Run all 81</button><span id="matrix-count" role="status"></span></div>
<div class="scroll" tabindex="0" aria-label="The table; it may be wider than the screen"><table id="matrix"></table></div>
<p class="quiet">Rows and columns are mapping / filtering; a pair counts when it works whoever begins, so of 81 cells come 45 pairs. By the engine it is two pairs fewer in the strict reading: there probes and answers cross on different paths, and the engine needs one path for both ways.</p></section>
</main>
<footer><p>Keys: <kbd>Space</kbd> plays and pauses, <kbd>.</kbd> one event on, <kbd>,</kbd> one back, <kbd>+</kbd> <kbd>−</kbd> speed, <kbd>Home</kbd> the beginning, <kbd>←</kbd> <kbd>→</kbd> on the time bar.</p></footer>`;
}

function views(): string {
  const names = [
    ['pair', 'Two peers'],
    ['punch', 'Hole punching'],
    ['star', 'Server and clients'],
    ['cluster', 'Cluster'],
    ['matrix', '9 × 9 table'],
  ] as const;
  return names
    .map(([view, name]) => `<button type="button" data-view="${view}" aria-pressed="false">${name}</button>`)
    .join('');
}

function planFields(): string {
  const fields = [
    select('left', 'Router of the first', routers()),
    select('right', 'Router of the second', routers()),
    select(
      'reading',
      'Answers leave by',
      '<option value="session">the mapping used</option><option value="strict">their own mapping</option>',
    ),
    select(
      'transport',
      'Direct over',
      '<option value="udp">UDP</option><option value="tcp">TCP</option><option value="both">TCP or UDP</option>',
    ),
    select(
      'link',
      'Links',
      Object.entries(LINK_PRESETS)
        .map(([name, { title }]) => `<option value="${name}">${title}</option>`)
        .join(''),
    ),
    number('clients', 'Clients'),
    number('rate', 'Messages/s'),
    number('seconds', 'Seconds'),
    number('seed', 'Seed'),
  ];
  return `${fields.join('')}<button type="button" id="dice" title="Another seed">Other seed</button>`;
}

function select(name: string, label: string, options: string): string {
  return `<label data-field="${name}">${label}<select name="${name}">${options}</select></label>`;
}

function number(name: keyof typeof RANGES, label: string): string {
  const [least, most] = RANGES[name];
  return `<label data-field="${name}">${label}<input type="number" name="${name}" min="${least}" max="${most}" step="1" required></label>`;
}

function routers(): string {
  const groups = ROUTER_GROUPS.map(({ title, routers: each }) => {
    const options = each.map(([name, text]) => `<option value="${name}">${escapeText(text)}</option>`);
    return `<optgroup label="${title}">${options.join('')}</optgroup>`;
  });
  return `<option value="none">none: a public address</option>${groups.join('')}`;
}

function transport(): string {
  return `<div class="transport">
<button type="button" id="play" class="primary" aria-pressed="false">Play</button>
<button type="button" id="back" title="One event back (,)" aria-label="One event back">‹</button><button type="button" id="step" title="One event on (.)" aria-label="One event on">›</button>
<label class="speed">Speed <input type="range" id="speed" min="-2" max="2" step="0.05" value="-1" aria-label="Speed"><output id="speed-text">0.1×</output></label>
<label class="check"><input type="checkbox" id="skip" checked> Skip silence</label>
<span class="clock"><output id="clock">0.000 s</output> of <span id="length">30</span> s</span>
<label class="jump">Go to <input type="text" id="jump" inputmode="decimal" size="6" placeholder="12.5" aria-label="Go to this second"> s</label>
</div>`;
}

function legend(): string {
  const kinds = PACKET_KINDS.map(
    ([kind, text]) => `<span><svg viewBox="0 0 16 16" aria-hidden="true">${shape(kind)}</svg>${text}</span>`,
  );
  const cross = '<path d="M4 4l8 8M12 4l-8 8" style="stroke:var(--drop)" stroke-width="2.4" fill="none"/>';
  return `${kinds.join('')}<span><svg viewBox="0 0 16 16" aria-hidden="true">${cross}</svg>dropped, with the reason</span>`;
}

/** The same shapes as on the canvas (`page/draw-packets.ts`). */
function shape(kind: string): string {
  const style = `style="fill:var(--k-${kind});stroke:var(--k-${kind})"`;
  switch (kind) {
    case 'probe':
      return `<path d="M8 3l5 9H3z" ${style}/>`;
    case 'open':
      return `<path d="M8 2.5l5.5 5.5L8 13.500 2.500 8z" ${style}/>`;
    case 'again':
      return `<circle cx="8" cy="8" r="3" ${style}/><circle cx="8" cy="8" r="5.600" ${style.replace('fill:', 'fill:none;color:')} stroke-width="1.6"/>`;
    case 'ack':
      return `<circle cx="8" cy="8" r="3.500" ${style.replace('fill:', 'fill:none;color:')} stroke-width="2"/>`;
    case 'beat':
      return `<rect x="4.500" y="4.500" width="7" height="7" ${style}/>`;
    case 'close':
      return `<rect x="3" y="6.500" width="10" height="3.500" ${style}/>`;
    default:
      return `<circle cx="8" cy="8" r="4.500" ${style}/>`;
  }
}
