/**
 * A STUN server for UDP (RFC 8489): answers a Binding request with the address it came from. No authentication, no TURN.
 *
 * It is a program of a virtual host, written over that host's `dgram`.
 */
import type { NodeProcess } from '../../sim/node/index.ts';

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112_a442;
const BINDING_REQUEST = 0x0001;
const BINDING_RESPONSE = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const FAMILY_IPV4 = 1;

/** Serves until the process ends. Resolves when the port is bound. */
export function startStunServer(node: NodeProcess, port: number): Promise<void> {
  const dgram = node.require('node:dgram') as typeof import('node:dgram');
  const socket = dgram.createSocket('udp4');
  socket.on('message', (request, from) => {
    if (request.length < HEADER_BYTES || request.readUInt16BE(0) !== BINDING_REQUEST) return;
    if (request.readUInt32BE(4) === MAGIC_COOKIE) socket.send(bindingResponse(request, from), from.port, from.address);
  });
  return new Promise((resolve) => socket.bind(port, resolve));
}

/** Section 14.2: port and address are exclusive-ored with the magic cookie. */
function bindingResponse(request: Buffer, from: { readonly address: string; readonly port: number }): Buffer {
  const response = Buffer.alloc(HEADER_BYTES + 12);
  request.copy(response, 0, 0, HEADER_BYTES);
  response.writeUInt16BE(BINDING_RESPONSE, 0);
  response.writeUInt16BE(12, 2);
  response.writeUInt16BE(XOR_MAPPED_ADDRESS, 20);
  response.writeUInt16BE(8, 22);
  response.writeUInt16BE(FAMILY_IPV4, 24);
  response.writeUInt16BE(from.port ^ (MAGIC_COOKIE >>> 16), 26);
  from.address.split('.').forEach((part, index) => {
    response[28 + index] = Number(part) ^ ((MAGIC_COOKIE >>> (24 - 8 * index)) & 0xff);
  });
  return response;
}
