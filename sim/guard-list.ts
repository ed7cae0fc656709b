/**
 * What asks the real machine, as data: the guard lays a gate before each of these. Nothing here does anything.
 *
 * Names are those of the web platform and of Node's own modules. What is read from a given value alone (`Date.UTC`,
 * `crypto.createHash`, `fs.readFileSync` of a file of the package) is not here: it gives the same on every run.
 */

/** Replaced on `globalThis` while a run is on, and put back after it: path, and what to call instead. */
export const BANNED_GLOBALS: readonly (readonly [path: string, instead: string])[] = [
  ['Math.random', 'platform.randomUint32() or world.stream(name)'],
  ['setTimeout', 'platform.setTimer() or world.sleep()'],
  ['setInterval', 'platform.setTimer() or world.sleep()'],
  ['setImmediate', 'platform.setTimer() or world.sleep()'],
  ['crypto.getRandomValues', 'platform.randomUint32() or world.stream(name)'],
  ['crypto.randomUUID', 'platform.randomUint32() or world.stream(name)'],
  ['performance.now', 'platform.monotonicMicros() or world.nowMicros'],
  ['fetch', 'platform.connectTcp()'],
  ['WebSocket', 'platform.connectTcp()'],
  ['WeakRef', 'an ordinary reference: when it is collected depends on the machine'],
  ['FinalizationRegistry', 'an explicit close(): when things are collected depends on the machine'],
  ['MessageChannel', 'platform.setTimer() or world.sleep()'],
  ['BroadcastChannel', 'world.at()'],
];

const TIME = 'platform.monotonicMicros() or world.nowMicros';
const RANDOM = 'platform.randomUint32() or world.stream(name)';
const TIMER = 'platform.setTimer() or world.sleep()';
const ZONE = 'the UTC methods or Date.UTC: local time depends on the time zone of the machine';
const POOL = 'the synchronous form: completions of the thread pool come in any order';
const MACHINE = 'an option of the scenario: it differs from machine to machine';
const PROCESS = 'an option of the scenario: it differs from process to process';
const NETWORK = 'platform.connectTcp(), listenTcp() or bindUdp()';
const MEMORY = 'a count of your own: memory differs from run to run';
const THREAD = 'world.at(): threads and processes run at a speed of their own';

/** Methods of built-in objects that depend on time zone, threads or the collector; a gate stays, and is open outside runs. */
export const GATED_BUILT_INS: readonly (readonly [owner: string, names: string, instead: string])[] = [
  [
    'Date.prototype',
    'getTimezoneOffset getFullYear getMonth getDate getDay getHours getMinutes setFullYear setMonth setDate setHours ' +
      'setMinutes toString toDateString toTimeString toLocaleString toLocaleDateString toLocaleTimeString getYear',
    ZONE,
  ],
  ['WeakRef.prototype', 'deref', 'an ordinary reference'],
  ['Atomics', 'wait waitAsync', THREAD],
  ['AbortSignal', 'timeout', TIMER],
  ['performance', 'mark measure toJSON eventLoopUtilization', TIME],
  [
    'crypto.subtle',
    'encrypt decrypt sign verify digest generateKey deriveKey deriveBits importKey exportKey wrapKey unwrapKey',
    POOL,
  ],
];

/** Methods that depend on the locale of the machine when none is named; the number is where the locale stands. */
export const GATED_LOCALES: readonly (readonly [owner: string, names: string, localeAt: number])[] = [
  ['String.prototype', 'localeCompare', 1],
  ['String.prototype', 'toLocaleUpperCase toLocaleLowerCase', 0],
  ['Number.prototype', 'toLocaleString', 0],
  ['BigInt.prototype', 'toLocaleString', 0],
  ['Array.prototype', 'toLocaleString', 0],
  ['Intl', 'Collator DateTimeFormat NumberFormat PluralRules RelativeTimeFormat ListFormat Segmenter DisplayNames', 0],
];

/** Functions of Node's modules; `*` is every function whose name does not end in `Sync`. */
export const GATED_MODULES: readonly (readonly [module: string, names: string, instead: string])[] = [
  [
    'crypto',
    'randomBytes randomFill randomFillSync randomInt randomUUID generateKeyPair generateKeyPairSync generateKey ' +
      'generateKeySync generatePrime generatePrimeSync',
    RANDOM,
  ],
  ['crypto', 'pbkdf2 scrypt hkdf', POOL],
  ['timers', 'setTimeout setInterval setImmediate', TIMER],
  ['timers/promises', 'setTimeout setInterval setImmediate', TIMER],
  [
    'fs',
    'access appendFile copyFile mkdir mkdtemp open opendir read readFile readdir readlink rename rm rmdir stat lstat ' +
      'truncate unlink write writeFile createReadStream createWriteStream watch watchFile',
    POOL,
  ],
  ['fs/promises', '*', POOL],
  [
    'zlib',
    'deflate deflateRaw gzip inflate inflateRaw gunzip unzip brotliCompress brotliDecompress zstdCompress zstdDecompress',
    POOL,
  ],
  ['dns', '*', NETWORK],
  ['dns/promises', '*', NETWORK],
  ['net', 'connect createConnection', NETWORK],
  ['dgram', 'createSocket', NETWORK],
  ['http', 'get request', NETWORK],
  ['https', 'get request', NETWORK],
  ['os', 'uptime freemem totalmem loadavg cpus hostname networkInterfaces userInfo tmpdir homedir', MACHINE],
  ['child_process', 'exec execFile fork spawn execSync execFileSync spawnSync', THREAD],
  ['worker_threads', 'Worker receiveMessageOnPort', THREAD],
  ['v8', 'getHeapStatistics getHeapSpaceStatistics writeHeapSnapshot', MEMORY],
];

/** Functions of `process`, and after them its properties. */
export const GATED_PROCESS: readonly (readonly [names: string, instead: string])[] = [
  ['hrtime uptime', TIME],
  ['cpuUsage memoryUsage resourceUsage constrainedMemory availableMemory', MEMORY],
  ['cwd', PROCESS],
];
export const GATED_PROCESS_VALUES: readonly (readonly [names: string, instead: string])[] = [
  ['pid ppid title argv execArgv', PROCESS],
  ['env', MACHINE],
];
