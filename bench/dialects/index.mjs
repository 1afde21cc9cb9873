/**
 * The languages of the servers. A dialect says, as text:
 * - register(name, isFanout), cycle(name): steps, each a text to send and what its answer ends with (none: it closes)
 * - direct(to, payload), broadcast(payload): a message as it is sent; received(from, to, payload): as it arrives
 * - publishesApart: messages are sent on a connection of their own; echoes: the sender of a broadcast gets it, too
 * - keepAlive: what the server asks now and then, and the answer
 * - probe: what an unregistered connection can send, and how the first thing that comes back begins
 */
import { irc } from "./irc.mjs"
import { nats } from "./nats.mjs"
import { partyline } from "./partyline.mjs"
import { redis } from "./redis.mjs"

export const dialects = { partyline, nats, redis, irc }
