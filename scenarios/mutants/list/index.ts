/** All mutants, area by area. A file that is not named here does not exist for the campaign. */
import type { Mutant } from '../mutant.ts';
import { mutants as ack } from './ack.ts';
import { mutants as basic } from './basic.ts';
import { mutants as users } from './users.ts';
import { mutants as query } from './query.ts';

const LISTS: readonly (readonly Mutant[])[] = [query, ack, basic, users];

export const mutants: readonly Mutant[] = LISTS.flat();
