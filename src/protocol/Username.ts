/** Who somebody is: 1 to 32 ASCII letters and digits, unique regardless of their case. */
import type * as Brand from "effect/Brand"
import { clean, take } from "./Text.ts"

export type Username = string & Brand.Brand<"Username">

const valid = /^[A-Za-z0-9]{1,32}$/

export const isUsername = (name: string): name is Username => valid.test(name)

/** Two usernames are the same person's exactly when their keys are equal. */
export const key = (name: Username): string => name.toLowerCase()

/** A name as it may be shown back, to a client or in the log, whoever made it up: cleaned, at most 32 code points. */
export const shown = (name: string): string => (isUsername(name) ? name : take(clean(name), 32))
