import * as Net from "node:net"
import * as Effect from "effect/Effect"

const isFree = (port: number) =>
  Effect.async<boolean>((resume) => {
    const server = Net.createServer()
    server.once("error", () => resume(Effect.succeed(false)))
    server.listen(port, "127.0.0.1", () => server.close(() => resume(Effect.succeed(true))))
  })

/** Below the ports that the kernel gives to clients, one of which could have it before the server that it is for. */
const drawn = Effect.sync(() => 20_000 + Math.floor(Math.random() * 12_000))

/** A port on which nobody listens, for a server that is told its port. */
export const freePort: Effect.Effect<number> = Effect.filterOrElse(
  Effect.flatMap(drawn, (port) => Effect.map(isFree(port), (free) => (free ? port : undefined))),
  (port) => port !== undefined,
  () => freePort
)
