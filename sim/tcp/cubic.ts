/**
 * CUBIC, RFC 9438, in integers: windows in bytes, time since the last reduction in milliseconds.
 *
 * Slow start, recovery and timeouts are not here; this file says how a window grows in congestion avoidance and what it is
 * reduced to. HyStart++ (section 4.10) and the spurious-event rules (section 4.9) do not exist here.
 */
import { integerCubeRoot } from './cube-root.ts';
import type { TcpSocket } from './socket.ts';

/** Section 4.6: beta is 0.7, a multiplication by 7 and a division by 10. */
const BETA_TENTHS = 7;
/** Section 4.7: (1 + beta) / 2 is 0.85. */
const FAST_CONVERGENCE_HUNDREDTHS = 85;
/** Section 4.3: alpha is 3 (1 - beta) / (1 + beta), which is 9 / 17. */
const ALPHA_NUMERATOR = 9;
const ALPHA_DENOMINATOR = 17;
/** K and t beyond this are cut, so that their cube stays below 2^53: 200 seconds. */
const SPAN_MILLIS_MAX = 200_000;

/** What CUBIC remembers of one connection. */
export class CubicState {
  /** W_max, the window before the last reduction; 0 before the first. */
  windowMaxBytes = 0;
  /** cwnd_prior: below it W_est grows by alpha, above it like Reno. */
  priorBytes = 0;
  /** Start of the present congestion avoidance; Infinity when it has not begun. */
  epochAtMicros = Infinity;
  kMillis = 0;
  /** W_est, and the part of a byte it has grown beyond that, over 17 times the window. */
  estimateBytes = 0;
  estimateCredit = 0;
  growthCredit = 0;
  /** The last acknowledgment, so that time in which the window was not used can be taken out (section 5.8). */
  ackedAtMicros = 0;
}

/** Section 4.6 and 4.7: remembers the window and gives the threshold after a loss or a mark. */
export function cubicThreshold(socket: TcpSocket): number {
  const cubic = socket.cubic!;
  const window = socket.congestionWindow;
  const isShrinking = window < cubic.windowMaxBytes;
  cubic.windowMaxBytes = isShrinking ? Math.floor((window * FAST_CONVERGENCE_HUNDREDTHS) / 100) : window;
  cubic.priorBytes = window;
  cubic.epochAtMicros = Infinity;
  const flight = (socket.sendMax - socket.sendUnacknowledged) | 0;
  return Math.max(Math.floor((flight * BETA_TENTHS) / 10), 2 * socket.segmentSizeMax);
}

/** Section 4.8: after a timeout the next epoch starts flat, from the window it then has. */
export function forgetCubicMaximum(socket: TcpSocket): void {
  socket.cubic!.windowMaxBytes = 0;
}

/** The window was not used up, so no time passes for the curve (section 5.8). */
export function holdCubic(socket: TcpSocket): void {
  const cubic = socket.cubic!;
  const now = socket.stack.world.nowMicros;
  if (cubic.epochAtMicros !== Infinity) cubic.epochAtMicros += now - cubic.ackedAtMicros;
  cubic.ackedAtMicros = now;
}

/** Sections 4.2 to 4.5: `gainBytes` were acknowledged in congestion avoidance. */
export function growCubic(socket: TcpSocket, gainBytes: number): void {
  const cubic = socket.cubic!;
  const size = socket.segmentSizeMax;
  const window = socket.congestionWindow;
  const now = socket.stack.world.nowMicros;
  cubic.ackedAtMicros = now;
  if (cubic.epochAtMicros === Infinity) startEpoch(cubic, window, size, now);
  const elapsedMicros = now - cubic.epochAtMicros;
  growEstimate(cubic, gainBytes, window, size);
  if (cubicWindow(cubic, elapsedMicros, size) < cubic.estimateBytes) {
    // Section 4.3: Reno would be further.
    socket.congestionWindow = Math.max(window, cubic.estimateBytes);
    return;
  }
  const ahead = cubicWindow(cubic, elapsedMicros + socket.smoothedRttMicros, size);
  const target = Math.min(Math.max(ahead, window), window + (window >> 1));
  cubic.growthCredit += (target - window) * gainBytes;
  const growth = Math.floor(cubic.growthCredit / window);
  cubic.growthCredit -= growth * window;
  socket.congestionWindow = window + growth;
}

function startEpoch(cubic: CubicState, window: number, size: number, nowMicros: number): void {
  cubic.epochAtMicros = nowMicros;
  cubic.estimateBytes = window;
  cubic.estimateCredit = 0;
  cubic.growthCredit = 0;
  if (window >= cubic.windowMaxBytes) {
    cubic.windowMaxBytes = window;
    cubic.kMillis = 0;
    return;
  }
  // K = cbrt((W_max - cwnd) / C) seconds with C = 0.4; in milliseconds the radicand has nine more digits.
  const missing = Math.floor(((cubic.windowMaxBytes - window) * 2_500_000) / size);
  cubic.kMillis = Math.min(SPAN_MILLIS_MAX, integerCubeRoot(Math.min(missing * 1_000, Number.MAX_SAFE_INTEGER)));
}

/** W_cubic(t) = C (t - K)^3 + W_max (section 4.2), in bytes. */
function cubicWindow(cubic: CubicState, elapsedMicros: number, size: number): number {
  const millis = Math.floor(elapsedMicros / 1_000) - cubic.kMillis;
  const span = Math.min(SPAN_MILLIS_MAX, Math.abs(millis));
  // Millionths of cubic seconds times 0.4 are segments over 2,500,000; the product stays below 2^53.
  const thousandths = Math.floor((span * span * span) / 1_000);
  const bytes = Math.floor((thousandths * size) / 2_500_000);
  return millis < 0 ? cubic.windowMaxBytes - bytes : cubic.windowMaxBytes + bytes;
}

function growEstimate(cubic: CubicState, gainBytes: number, window: number, size: number): void {
  const alpha = cubic.estimateBytes < cubic.priorBytes ? ALPHA_NUMERATOR : ALPHA_DENOMINATOR;
  const whole = ALPHA_DENOMINATOR * window;
  cubic.estimateCredit += alpha * gainBytes * size;
  const growth = Math.floor(cubic.estimateCredit / whole);
  cubic.estimateCredit -= growth * whole;
  cubic.estimateBytes += growth;
}
