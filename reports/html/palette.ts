/**
 * The colours of the report, light and dark. A test holds every text colour to a contrast of 4.5 : 1 on the page and on its
 * own tint.
 */

export type Palette = Readonly<Record<string, string>>;

export const LIGHT: Palette = {
  paper: '#ffffff',
  sheet: '#f6f7f9',
  ink: '#16181d',
  soft: '#565d68',
  line: '#e2e5ea',
  strong: '#c5cad3',
  link: '#1f4fa3',
  focus: '#2563c9',
  green: '#176f43',
  red: '#b3232b',
  purple: '#6f38a8',
  yellow: '#855700',
  grey: '#565d68',
  hollow: '#5d6470',
  'red-tint': '#fdf0f0',
  'yellow-tint': '#fdf6e6',
  'purple-tint': '#f6f0fc',
  'mark-tint': '#fff3c4',
  'bar-green': '#5aa981',
  'bar-red': '#cf4a50',
  'bar-purple': '#9468c4',
  'bar-yellow': '#d6a233',
  'bar-grey': '#9aa1ac',
  'bar-hollow': '#d8dce2',
  'bar-time': '#8fa6cc',
};

export const DARK: Palette = {
  paper: '#121417',
  sheet: '#1a1d22',
  ink: '#e8eaed',
  soft: '#a2a9b4',
  line: '#2a2e35',
  strong: '#444a54',
  link: '#8ab4f5',
  focus: '#8ab4f5',
  green: '#5cc795',
  red: '#ff8080',
  purple: '#c3a0f2',
  yellow: '#e5b553',
  grey: '#a2a9b4',
  hollow: '#98a0ab',
  'red-tint': '#2d1a1c',
  'yellow-tint': '#2a2315',
  'purple-tint': '#241c30',
  'mark-tint': '#3d3414',
  'bar-green': '#3f8f68',
  'bar-red': '#d0575c',
  'bar-purple': '#8f68bd',
  'bar-yellow': '#b98a2b',
  'bar-grey': '#6d7480',
  'bar-hollow': '#3a3f48',
  'bar-time': '#506a94',
};

/** Custom properties for a style sheet. */
export function properties(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');
}
