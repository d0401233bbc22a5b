/** What `verify` is measured against: the least a Nest service on NATS can do, with Nest's own transport. */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';

class Echo {
  /** @param {unknown} body */
  say(body) {
    return body;
  }
}
MessagePattern('bench.echo')(Echo.prototype, 'say', Object.getOwnPropertyDescriptor(Echo.prototype, 'say') ?? {});
Payload()(Echo.prototype, 'say', 0);
Controller()(Echo);

class App {}
Module({ controllers: [Echo] })(App);

const nest = await NestFactory.createMicroservice(App, {
  transport: Transport.NATS,
  options: { servers: process.env.KEYWARD_NATS_URL },
  logger: false,
});
await nest.listen();
process.send?.('up');
process.once('disconnect', () => process.exit());
