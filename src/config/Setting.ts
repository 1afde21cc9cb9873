/** An option that has a value, and the kinds of such options that occur more than once. */
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { duration, mustBe, size, wholeNumber, written, type Zero } from "./Parsers.ts"

export interface Setting<A> {
  /** Its name in a file. Its flag and its variable are made from it. */
  readonly flag: string
  /** The name of the value in the help; absent for a switch, which is true or false elsewhere and has no value as a flag. */
  readonly value?: string
  readonly description: string
  /** The default as typed; undefined if the option may stay unset. */
  readonly fallback: string | undefined
  /** Gives the value, or words for what it must be. */
  readonly parse: (text: string) => Either.Either<A, string>
  /** All possible values, if there are only a few. */
  readonly choices?: ReadonlyArray<string>
  /** 0 turns the option off, or is no time at all. Without it, 0 has no meaning of its own. */
  readonly zero?: "off" | "none"
  /** The value is a list: separated by commas, or a list in TOML. */
  readonly isList?: true
  /** Its text may hold a secret: in a complaint only `@` and the name of a file is shown. */
  readonly isSecret?: true
  /** On the command line it is the operand, and has no flag. */
  readonly isOperand?: true
  /** SIGHUP can change the option, for every connection or for new ones. */
  readonly reload?: "everybody" | "newcomers"
}

export interface SettingWithDefault<A> extends Setting<A> {
  readonly fallback: string
}

/** The type of a setting's value. Only a setting without a default can be undefined. */
export type ValueOf<S> = S extends SettingWithDefault<infer A> ? A : S extends Setting<infer A> ? A | undefined : never

/** Its spelling on the command line. */
export const spelling = ({ flag, isOperand }: Setting<unknown>): string =>
  isOperand === true ? `<${flag}>` : `--${flag}`

/** The message for a text or another value that the setting, under this name, cannot have. */
export const mistake = ({ isSecret }: Setting<unknown>, name: string, must: string, value: unknown): string =>
  isSecret === true && !(typeof value === "string" && value.startsWith("@"))
    ? `${name} must be ${must}`
    : mustBe(name, must, value)

/** Choices and parser of a value with a fixed set of names. */
export const oneOf = <A>(values: { readonly [name: string]: A }): Pick<Setting<A>, "choices" | "parse"> => {
  const choices = Object.keys(values)
  return {
    choices,
    parse: (text) => {
      const value = Object.entries(values).find(([name]) => name === text)
      return value === undefined ? Either.left(`one of ${choices.join(", ")}`) : Either.right(value[1])
    }
  }
}

export const number = (
  flag: string,
  description: string,
  fallback: number,
  most: number
): SettingWithDefault<number> => ({
  flag,
  value: "number",
  description,
  fallback: String(fallback),
  parse: (text) => wholeNumber(text, 1, most)
})

/** A number that turns its limit off with 0. */
export const numberOrOff = (
  flag: string,
  description: string,
  fallback: number,
  most: number
): SettingWithDefault<number> => ({
  ...number(flag, description, fallback, most),
  zero: "off",
  parse: (text) => Either.map(wholeNumber(text, 0, most), (value) => (value === 0 ? Number.POSITIVE_INFINITY : value))
})

/** A number of bytes. */
export const bytes = (
  flag: string,
  description: string,
  fallback: number,
  most: number
): SettingWithDefault<number> => ({
  flag,
  value: "size",
  description,
  fallback: String(fallback),
  parse: (text) => size(text, most)
})

export const time = (
  flag: string,
  description: string,
  fallback: Duration.Duration,
  zero: Zero
): SettingWithDefault<Duration.Duration> => ({
  flag,
  value: "duration",
  description,
  fallback: written(fallback),
  parse: (text) => duration(text, zero),
  ...(zero === "refused" ? {} : { zero })
})

export const file = (flag: string, description: string): Setting<string> => ({
  flag,
  value: "file",
  description,
  fallback: undefined,
  parse: (text) => (text === "" ? Either.left("the name of a file") : Either.right(text))
})

/** An option that is off unless it is given. */
export const toggle = (flag: string, description: string): SettingWithDefault<boolean> => {
  const { parse } = oneOf({ true: true, false: false })
  return { flag, description, fallback: "false", parse }
}

/** Items with commas between them, each of which `isItem` accepts. */
export const list = (
  flag: string,
  value: string,
  description: string,
  must: string,
  isItem: (item: string) => boolean
): Setting<ReadonlyArray<string>> => ({
  flag,
  value,
  description,
  fallback: undefined,
  isList: true,
  parse: (text) => {
    const items = text.split(",").map((item) => item.trim())
    return items.every(isItem) ? Either.right(items) : Either.left(must)
  }
})
