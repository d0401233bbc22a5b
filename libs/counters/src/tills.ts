import type { FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';

/** What is still live, and what nobody knows any more. */
export interface Extended {
  readonly now: number;
  readonly epoch: number;
  readonly leaseUntil: number;
  readonly unknown: readonly string[];
}

/** Where tills are: in Redis, or in the memory of this process. */
export interface Tills {
  /** As the bank knows it. */
  readonly name: string;
  /** The life of what the till of this key is kept in. */
  runOf(key: string): string;
  reserve(key: string, ask: ReserveAsk): Promise<Reserved>;
  settle(key: string, ask: SettleAsk): Promise<boolean>;
  extend(key: string, requests: readonly string[], life?: number): Promise<Extended>;
  fill(key: string, ask: FillAsk): Promise<boolean>;
  take(key: string, epoch: number, slots: readonly boolean[], idle: number): Promise<number[] | null>;
  look(key: string): Promise<TillFacts>;
}
