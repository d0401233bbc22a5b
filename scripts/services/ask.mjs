import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * Opens a socket, sends `say` if given and resolves with the first words that come back.
 * @param {{ host: string, port: number, tls?: boolean, say?: string, withinMs?: number }} to @returns {Promise<string>}
 */
export function ask({ host, port, tls = false, say, withinMs = 2000 }) {
  return new Promise((resolve, reject) => {
    const socket = tls ? connectTls({ host, port, servername: host }) : connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), withinMs);
    socket.once(tls ? 'secureConnect' : 'connect', () => say && socket.write(say));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed'));
    });
  });
}
