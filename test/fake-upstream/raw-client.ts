import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that sees every byte, and how the connection ended. */
export class RawClient {
  private bytes = '';
  private more = Promise.withResolvers<void>();

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    const tell = () => {
      this.more.resolve();
      this.more = Promise.withResolvers();
    };
    socket.on('data', (data: string) => {
      this.bytes += data;
      tell();
    });
    socket.on('close', tell);
    socket.on('error', tell);
  }

  static async open(url: string): Promise<RawClient> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  post(path: string, fields: object): void {
    const body = JSON.stringify(fields);
    const head = ['host: fake', 'content-type: application/json', `content-length: ${Buffer.byteLength(body)}`];
    this.socket.write(`POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  }

  /** Resolves when all of it is out of our hands, or the connection is over. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => void this.socket.write(text, () => resolve()));
  }

  /** Everything so far, once it has this in it, or once the connection is over. */
  async until(text: string): Promise<string> {
    while (!this.bytes.includes(text) && !this.socket.destroyed) await this.more.promise;
    return this.bytes;
  }

  /** Everything there will ever be. */
  async end(): Promise<string> {
    while (!this.socket.destroyed) await this.more.promise;
    return this.bytes;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  leave(): void {
    this.socket.destroy();
  }
}
