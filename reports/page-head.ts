/** What every page begins with, up to its body. The pages themselves are in `html.ts`, `view.ts` and their neighbours. */
import { html } from './text.ts';

export type PageHead = {
  /** As text; it is escaped here. */
  readonly title: string;
  /** What the page may load and run: a Content-Security-Policy. */
  readonly policy: string;
  readonly style: string;
  /** Address of an icon, escaped. Default none. */
  readonly icon?: string;
};

/** From the document type to the end of the head. */
export function pageHead({ title, policy, style, icon }: PageHead): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${html(title)}</title>${icon === undefined ? '' : `\n<link rel="icon" href="${icon}">`}
<style>${style}</style>
</head>`;
}
