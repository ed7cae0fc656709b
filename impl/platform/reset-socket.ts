/** Ends a TCP connection with RST, wherever the socket stands in its life. */
import type { Socket } from 'node:net';

/**
 * RST where there is a connection; a socket that is still connecting has nobody to reset. While a FIN is on its way into
 * the kernel libuv refuses to reset (EINVAL), and Node would then leak the handle for good.
 */
export function resetSocket(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (socket.connecting || isShuttingDown) socket.destroy();
  else socket.resetAndDestroy();
}
