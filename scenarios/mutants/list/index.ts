/** All mutants, area by area. A file that is not named here does not exist for the campaign. */
import type { Mutant } from '../mutant.ts';

const LISTS: readonly (readonly Mutant[])[] = [];

export const mutants: readonly Mutant[] = LISTS.flat();
