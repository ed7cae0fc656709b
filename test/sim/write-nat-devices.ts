/** Writes the table of NAT device classes: `npx tsx test/sim/write-nat-devices.ts`. */
import { writeFileSync } from 'node:fs';
import { natDevicesText } from '../../sim/index.ts';

writeFileSync(new URL('../../sim/nat/devices.md', import.meta.url), natDevicesText());
