import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests on one connection that came before the answers to those before them. */
const WAITING = 16;

const waiting = new WeakMap<Socket, number>();

/** One request of a connection after the other: one that was sent ahead waits until its answer can be written. */
export function inTurn({ socket }: IncomingMessage, response: ServerResponse, serve: () => void): void {
  if (response.socket) {
    serve();
    return;
  }
  const ahead = (waiting.get(socket) ?? 0) + 1;
  if (ahead > WAITING) {
    socket.destroy();
    return;
  }
  waiting.set(socket, ahead);
  response.once('socket', () => {
    waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
    serve();
  });
}
