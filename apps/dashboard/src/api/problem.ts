/** Why the API said no, in its own words (RFC 9457), or why it said nothing at all. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** The field that was wrong. */
  readonly param: string | null;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Partial<ProblemBody>, requestId: string | null) {
    super(body.detail ?? `The server answered with ${status}.`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = body.code ?? 'unknown';
    this.requestId = body.request_id ?? requestId;
    this.param = body.param ?? null;
    this.details = body.details ?? {};
  }

  /** May be gone in a moment: nobody is to blame who asked. */
  get isPassing(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

interface ProblemBody {
  readonly detail: string;
  readonly code: string;
  readonly param: string;
  readonly details: Record<string, unknown>;
  readonly request_id: string;
}

export function unreachable(): ApiProblem {
  return new ApiProblem(0, { code: 'unreachable', detail: 'Keyward cannot be reached right now.' }, null);
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
