/** Before anything else runs: what the page's Content-Security-Policy asks of the libraries we use. */

// Zod would make functions out of text to be faster, which the policy forbids. This is where it looks once it is loaded.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

/** The page's nonce: styles that are made at run time carry it. Browsers show it to scripts and to nobody else. */
export const NONCE = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// Where the library that keeps a page still behind a dialog looks for the nonce.
Object.assign(globalThis, { __webpack_nonce__: NONCE });
