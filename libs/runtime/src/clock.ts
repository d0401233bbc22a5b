/** The one place time comes from, so that a test can be at any moment. */
export class Clock {
  now(): number {
    return Date.now();
  }

  date(): Date {
    return new Date(this.now());
  }
}
