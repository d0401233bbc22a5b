/** What happened, in words, with the seconds since the beginning: what a failed run is read by. */
export class Timeline {
  private readonly begun = performance.now();
  private readonly lines: string[] = [];

  constructor(private readonly aloud: boolean) {}

  say(what: string): void {
    const line = `${this.seconds().toFixed(1).padStart(6)} s  ${what}`;
    this.lines.push(line);
    if (this.aloud) process.stderr.write(`${line}\n`);
  }

  seconds(): number {
    return (performance.now() - this.begun) / 1000;
  }

  toString(): string {
    return this.lines.join('\n');
  }
}
