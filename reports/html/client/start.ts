/// <reference lib="dom" />
/**
 * Starts the page and shows the view the address names.
 */
import type { Kit } from './kit.ts';

/** Called once, when the page has loaded. */
export function start(kit: Kit): void {
  const command = document.getElementById('command');
  if (command !== null && kit.page.command !== '')
    command.append(kit.copyButton(kit.page.command, 'the command of this run'));
  addEventListener('hashchange', () => {
    kit.show();
    document.getElementById('view')?.focus();
  });
  addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.getElementById('search');
    if (search === null) return;
    event.preventDefault();
    search.focus();
  });
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  kit.show();
  document.body.dataset.ready = 'true';
}

/** Shows the view of the current address; an unknown one is the overview. */
export function show(kit: Kit): void {
  const route = kit.parseHash(location.hash);
  const holder = document.getElementById('view');
  if (holder === null) return;
  const view =
    route.view === 'matrix'
      ? kit.matrixView(route)
      : route.view === 'spec'
        ? kit.specView(route)
        : route.view === 'case'
          ? kit.caseView(route)
          : kit.overview();
  holder.replaceChildren(view);
  const name = ['matrix', 'spec', 'case'].includes(route.view) ? route.view : 'overview';
  document.body.dataset.view = name;
  kit.memory.lastHash[name] = location.hash;
  for (const tab of document.querySelectorAll<HTMLAnchorElement>('.tabs a')) {
    const own = tab.dataset.view ?? '';
    if (own === name || (name === 'case' && own === 'matrix')) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
    tab.href = kit.memory.lastHash[own] ?? kit.link(own);
  }
  if (name === 'case') scrollTo(0, 0);
}
