/** The values that limits may have, and the check of them. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import { toStringUnknown } from "effect/Inspectable"

/** A value for every limit. An infinite duration or number turns its limit off. */
export interface LimitValues {
  /** Registered clients. A JOIN beyond it disconnects its client. Unregistered clients do not count. */
  readonly maxUsers: number
  /** Bytes in a line without telnet commands and terminator. A longer line is dropped on arrival and answered once. */
  readonly maxLine: number
  /** Bytes that may wait to be sent to one client. While its outbox is full, its senders wait. */
  readonly outbox: number
  /** How long a sender waits for one recipient to take one message. Then the recipient is disconnected. */
  readonly patience: Duration.Duration
  /** How long a client may stay unregistered. Then it is disconnected with a farewell. */
  readonly joinTimeout: Duration.Duration
  /** How long a registered client may go without completing a command. Then it is disconnected with a farewell. */
  readonly idleTimeout: Duration.Duration
  /** How long a closing connection may take to read its queued output. Then it is destroyed. */
  readonly drainTimeout: Duration.Duration
  /** Connections, registered or not. A connection beyond it is refused with a farewell. */
  readonly maxConnections: number
  /** The same for connections from one address (of IPv6: from one /64 network). Loopback addresses are exempt. */
  readonly maxPerAddress: number
  /** Lines a second from one client. Lines beyond it are delayed, not dropped. Loopback addresses are exempt. */
  readonly rate: number
  /** Lines that a client may send at once before `rate` applies. */
  readonly burst: number
  /**
   * Descriptors that the system lets this process have. A connection on one of the last `spareFiles` is refused, so that
   * connected clients are not disturbed.
   */
  readonly openFiles: number
}

/** Limits cannot be what they were set to. There is one problem, in words, for each of them. */
export class InvalidLimits extends Data.TaggedError("InvalidLimits")<{
  readonly problems: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.problems.join("; ")
  }
}

/** The longest time that is not for ever, in hours: a timer beyond 2^31 milliseconds would never fire. */
export const LONGEST_HOURS = 596

/** The values that a limit may have. */
interface Rule {
  readonly must: string
  readonly allows: (value: unknown) => boolean
}

const count: Rule = {
  must: "a whole number of at least 1, or Infinity",
  allows: (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= 1)
}
const frequency: Rule = {
  must: "a number above 0, or Infinity",
  allows: (value) => typeof value === "number" && value > 0
}
const durationOrNone: Rule = {
  must: `a Duration of at most ${LONGEST_HOURS} hours, or Duration.infinity`,
  allows: (value) =>
    Duration.isDuration(value) &&
    (!Duration.isFinite(value) || Duration.lessThanOrEqualTo(value, Duration.hours(LONGEST_HOURS)))
}
const duration: Rule = {
  must: `a Duration above 0 and of at most ${LONGEST_HOURS} hours, or Duration.infinity`,
  allows: (value) => durationOrNone.allows(value) && !Equal.equals(value, Duration.zero)
}

const rules: { readonly [Name in keyof LimitValues]: Rule } = {
  maxUsers: count,
  maxLine: count,
  outbox: count,
  patience: duration,
  joinTimeout: duration,
  idleTimeout: duration,
  drainTimeout: durationOrNone,
  maxConnections: count,
  maxPerAddress: count,
  rate: frequency,
  burst: count,
  openFiles: count
}

const written = (value: unknown): string => {
  if (Duration.isDuration(value)) return Duration.format(value)
  return typeof value === "string" ? JSON.stringify(value) : toStringUnknown(value, 0)
}

const problemOf = ([name, value]: readonly [string, unknown]): ReadonlyArray<string> => {
  const rule = new Map<string, Rule>(Object.entries(rules)).get(name)
  if (rule === undefined) return [`there is no limit ${name}: the limits are ${Object.keys(rules).join(", ")}`]
  return rule.allows(value) ? [] : [`${name} must be ${rule.must}, not ${written(value)}`]
}

/** The limits as they are. Programs without types pass anything. */
export const valid = (limits: Partial<LimitValues>): Effect.Effect<Partial<LimitValues>, InvalidLimits> =>
  Effect.suspend(() => {
    const problems = Object.entries(limits).flatMap(problemOf)
    return problems.length === 0 ? Effect.succeed(limits) : new InvalidLimits({ problems })
  })
