import type { Received } from './received.js';
import type { Scenario } from './scenario.js';

/** A scenario, or one for each request: usage by its number, say. */
export type Plan = Scenario | ((request: Received) => Scenario);

/**
 * The test's hand on the provider. Nothing in a request steers it but the model, because a gateway that builds headers
 * anew would not let anything else through. What was said for the next request goes before what was said for its model,
 * and that before what is always so.
 */
export class Control {
  private queue: Plan[] = [];
  private readonly models = new Map<string, Plan>();
  private usual: Plan = {};

  /** For the next request, once; said more than once, for the ones after it. */
  next(...plans: Plan[]): void {
    this.queue.push(...plans);
  }

  forModel(model: string, plan: Plan): void {
    this.models.set(model, plan);
  }

  always(plan: Plan): void {
    this.usual = plan;
  }

  /** Every day a good day. */
  reset(): void {
    this.queue = [];
    this.models.clear();
    this.usual = {};
  }

  scenarioFor(request: Received): Scenario {
    const plan = this.queue.shift() ?? this.models.get(request.model ?? '') ?? this.usual;
    return typeof plan === 'function' ? plan(request) : plan;
  }
}
