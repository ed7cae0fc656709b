/** Making, setting up and closing engines, and sendMessage: chapter 13. */
import type { AnyScenario } from '../../api.ts';
import { channel } from './channel.ts';
import { life } from './life.ts';
import { receivingMessages } from './receiving-messages.ts';
import { sendingMessages } from './sending-messages.ts';

export const scenarios: readonly AnyScenario[] = [...life, ...channel, ...sendingMessages, ...receivingMessages];
