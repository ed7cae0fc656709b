/** Checks the options of a connection; a wrong one is the caller's fault and says so. */
import type { RudpOptions } from './types.ts';

const UINT32_MAX = 0xffff_ffff;
const TOKEN_MAX = 0xffff_ffff_ffff_ffffn;
const DATAGRAM_BYTES_LOWEST = 64;
const DATAGRAM_BYTES_HIGHEST = 65_507;

type Range = { readonly name: keyof RudpOptions; readonly clause: string; readonly min: number; readonly max: number };

/** @throws RangeError - names the option, its value, the range and the clause */
export function checkOptions(options: Required<RudpOptions>): void {
  const { token, messageBytesMax } = options;
  if (token < 0n || token > TOKEN_MAX) throw new RangeError('token is not an unsigned 64-bit number (RUD-003)');
  const sizeMax = 2 ** 31 - 1;
  const ranges: readonly Range[] = [
    { name: 'identity', clause: 'RUD-004', min: 1, max: UINT32_MAX },
    { name: 'datagramBytesMax', clause: 'RUD-010', min: DATAGRAM_BYTES_LOWEST, max: DATAGRAM_BYTES_HIGHEST },
    { name: 'messageBytesMax', clause: 'RUD-009', min: 1, max: sizeMax },
    { name: 'receiveBytesMax', clause: 'RUD-013', min: 2 * messageBytesMax, max: 2 ** 40 },
    { name: 'sendBytesMax', clause: 'RUD-020', min: 2 * messageBytesMax, max: 2 ** 40 },
    { name: 'keepAliveMicros', clause: 'RUD-016', min: 1, max: Number.MAX_SAFE_INTEGER },
    { name: 'silenceMicrosMax', clause: 'RUD-017', min: 1, max: Number.MAX_SAFE_INTEGER },
    { name: 'handshakeMicrosMax', clause: 'RUD-007', min: 1, max: Number.MAX_SAFE_INTEGER },
  ];
  for (const { name, clause, min, max } of ranges) {
    const value = options[name] as number;
    if (Number.isInteger(value) && value >= min && value <= max) continue;
    throw new RangeError(
      `${name} is ${value}, which is not an integer from ${min} to ${max} (${clause}); set it in there`,
    );
  }
}
