/** Builds every app, unless what is there is of this source. */
export function build(root: string, options?: { readonly keepOld?: boolean }): Promise<void>;
