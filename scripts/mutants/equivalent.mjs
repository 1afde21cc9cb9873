/**
 * Places where a fault changes nothing that a test could see, each with the reason. `line` is a part of the line's text; `kind` and
 * `at`, the text that is replaced, narrow it down.
 *
 * @type {ReadonlyArray<{ line: string, file: string, kind?: string, at?: string, reason: string }>}
 */
export const equivalent = []
