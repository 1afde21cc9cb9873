/** Something was heard, or not heard, against the contract. */
export class Violation extends Error {}

export const quoted = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
