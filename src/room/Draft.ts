/** A decision while it is made: what it will deliver, and what the operator will read. */
import type { Mutable } from "effect/Types"
import type { Lines } from "../connection/Lines.ts"
import * as Reply from "../protocol/Reply.ts"
import { byteLength } from "../protocol/Text.ts"
import type { Request, StatusEvent } from "../status/StatusEvent.ts"
import type * as Roster from "./Roster.ts"

/** Lines for one member, for the client itself, or for every member but the client. */
export interface Delivery<M extends Roster.Member> extends Lines {
  readonly to: M | "self" | "others"
}

export interface Draft<M extends Roster.Member> {
  readonly deliveries: Array<Mutable<Delivery<M>>>
  readonly events: Array<StatusEvent>
  /** Whether events are wanted. */
  readonly isObserved: boolean
  /** The engine of a room over many machines cannot be reached. */
  readonly isUnavailable: boolean
  /** Messages accepted, one for each recipient. */
  accepted: number
  /** Bytes of all deliveries. */
  bytes: number
}

export const make = <M extends Roster.Member>(isObserved: boolean, isUnavailable: boolean): Draft<M> => ({
  deliveries: [],
  events: [],
  isObserved,
  isUnavailable,
  accepted: 0,
  bytes: 0
})

/** A message of the sender. */
export const message = <M extends Roster.Member>(
  draft: Draft<M>,
  to: M | "others",
  sender: Roster.Member,
  { bytes, text }: { readonly bytes: number; readonly text: string }
): void => {
  const line = Reply.from(sender.name, text)
  deliver(draft, to, line, line.length + bytes - text.length, to === "others" ? "public" : "private")
}

/** A reply to the client. */
export const reply = <M extends Roster.Member>(draft: Draft<M>, line: string): void =>
  deliver(draft, "self", line, byteLength(line), "reply")

/** The reply to WATCH or UNWATCH: a delivery of its own, the last one of its decision. */
export const watch = <M extends Roster.Member>({ deliveries }: Draft<M>, watching: boolean): void => {
  const text = watching ? Reply.watchAccepted : Reply.unwatchAccepted
  deliveries.push({ to: "self", text, bytes: text.length, kind: "reply", watching })
}

/** A status line, if anybody reads them. */
export const log = <M extends Roster.Member>(draft: Draft<M>, event: StatusEvent): void => {
  if (draft.isObserved) draft.events.push(event)
}

/** Adds lines behind those there are. Consecutive lines to the same recipients become one delivery. */
export const deliver = <M extends Roster.Member>(
  draft: Draft<M>,
  to: Delivery<M>["to"],
  line: string,
  bytes: number,
  kind: Lines["kind"]
): void => {
  const last = draft.deliveries[draft.deliveries.length - 1]
  draft.bytes += bytes
  // Text is not joined to telnet's bytes: encoded as UTF-8 with it, they would be spoilt.
  if (last !== undefined && last.to === to && (last.bytes === last.text.length) === (bytes === line.length)) {
    last.text += line
    last.bytes += bytes
  } else draft.deliveries.push({ to, text: line, bytes, kind })
}

/** A command that is discarded because it needs the engine. */
export const unavailable = <M extends Roster.Member>(draft: Draft<M>, fd: number, request: Request): void => {
  log(draft, { event: "discarded", fd, request })
  reply(draft, Reply.discarded(request))
}
