/** Security checks: chapter 15. */
import type { AnyScenario } from '../../api.ts';
import { attackers } from './attackers.ts';
import { invalidMessages } from './invalid-messages.ts';
import { silence } from './silence.ts';
import { whoMaySpeak } from './who-may-speak.ts';

export const scenarios: readonly AnyScenario[] = [...invalidMessages, ...whoMaySpeak, ...silence, ...attackers];
