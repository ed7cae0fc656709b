/** The colours of the viewer that the report does not have: one a protocol, light and dark. */
import { DARK, LIGHT } from '../html/palette.ts';
import type { Palette } from '../html/palette.ts';

export const VIEW_LIGHT: Palette = {
  ...LIGHT,
  tcp: '#2456b3',
  udp: '#0f766a',
  icmp: '#7a3db8',
  drop: '#c3262f',
  fault: '#b45309',
  lane: '#cfd5de',
  grid: '#eef1f5',
  band: '#eef3fb',
};

export const VIEW_DARK: Palette = {
  ...DARK,
  tcp: '#7fb0ff',
  udp: '#4fd0b8',
  icmp: '#cba0f5',
  drop: '#ff7078',
  fault: '#f0a04b',
  lane: '#3a414b',
  grid: '#1b1f25',
  band: '#1b222d',
};
