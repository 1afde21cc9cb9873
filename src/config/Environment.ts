/** Options in environment variables. */

/** The variables of the process. */
export type Environment = { readonly [name: string]: string | undefined }

/** The variable of a flag: PARTYLINE_MAX_USERS for --max-users. */
export const variable = (flag: string): string => `PARTYLINE_${flag.toUpperCase().replaceAll("-", "_")}`

/** The text of a flag's variable; undefined if it is not set. */
export const textOf = (environment: Environment, flag: string): string | undefined => environment[variable(flag)]
