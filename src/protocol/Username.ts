/** Usernames: 1 to 32 ASCII letters and digits, unique regardless of case. */
import type * as Brand from "effect/Brand"
import { clean, take } from "./Text.ts"

export type Username = string & Brand.Brand<"Username">

const valid = /^[A-Za-z0-9]{1,32}$/

export const isUsername = (name: string): name is Username => valid.test(name)

/** The key of a username in the registry. Usernames that differ only in case have the same key. */
export const key = (name: Username): string => name.toLowerCase()

/** Any text that a client sent as a name, made safe for replies and the log: cleaned, at most 32 code points. */
export const shown = (name: string): string => (isUsername(name) ? name : take(clean(name), 32))
