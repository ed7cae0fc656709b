/** All mutants, area by area. A file that is not named here does not exist for the campaign. */
import type { Mutant } from '../mutant.ts';
import { mutants as ack } from './ack.ts';
import { mutants as basic } from './basic.ts';
import { mutants as blob } from './blob.ts';
import { mutants as cluster } from './cluster.ts';
import { mutants as clusterOutside } from './cluster-outside.ts';
import { mutants as reconnect } from './reconnect.ts';
import { mutants as relogon } from './relogon.ts';
import { mutants as rudp } from './rudp.ts';
import { mutants as users } from './users.ts';
import { mutants as engine } from './engine.ts';
import { mutants as heartbeat } from './heartbeat.ts';
import { mutants as information } from './information.ts';
import { mutants as logon } from './logon.ts';
import { mutants as query } from './query.ts';
import { mutants as files } from './files.ts';
import { mutants as filesOnDisk } from './files-on-disk.ts';
import { mutants as framing } from './framing.ts';
import { mutants as serializer } from './serializer.ts';
import { mutants as limits } from './limits.ts';
import { mutants as security } from './security.ts';
import { mutants as errors } from './errors.ts';
import { mutants as channels } from './channels.ts';
import { mutants as directLinks } from './direct-links.ts';
import { mutants as contacts } from './contacts.ts';
import { mutants as dynamicGroups } from './dynamic-groups.ts';
import { mutants as handling } from './handling.ts';

const LISTS: readonly (readonly Mutant[])[] = [
  logon,
  heartbeat,
  query,
  ack,
  basic,
  relogon,
  reconnect,
  blob,
  rudp,
  users,
  framing,
  serializer,
  limits,
  security,
  errors,
  information,
  engine,
  directLinks,
  channels,
  files,
  filesOnDisk,
  contacts,
  dynamicGroups,
  handling,
  cluster,
  clusterOutside,
];

export const mutants: readonly Mutant[] = LISTS.flat();
