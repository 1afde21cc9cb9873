/** Tells systemd when the server is ready, and when it stops (Type=notify). */
import { spawn } from "node:child_process"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { codeOf } from "../ErrorText.ts"

/**
 * Has systemd-notify send a message: Node has no Unix datagram sockets. (Its option --stopping is newer than systemd 252.)
 * It finds the socket in NOTIFY_SOCKET, which it inherits. Succeeds when systemd has the message; fails with words for what
 * went wrong.
 */
const notify = (message: "READY=1" | "STOPPING=1"): Effect.Effect<void, string> =>
  Effect.async((resume) => {
    const child = spawn("systemd-notify", [message], { stdio: "ignore" })
    child.once("error", (error) => resume(Effect.fail(codeOf(error))))
    child.once("exit", (code, signal) =>
      resume(code === 0 ? Effect.void : Effect.fail(signal === null ? `exit status ${code}` : signal))
    )
  })

/**
 * Built when the server serves, and released before it drains. Nothing waits for systemd-notify, and without it the server
 * serves as well: systemd then gives up on the start, and its log says why.
 */
export const layer: Layer.Layer<never> = Layer.scopedDiscard(
  Effect.gen(function* () {
    yield* Effect.addFinalizer(() => Effect.forkDaemon(Effect.ignore(notify("STOPPING=1"))))
    yield* notify("READY=1").pipe(
      Effect.catchAll((why) => Effect.logWarning(`The Service Manager Was Not Told (systemd-notify: ${why})`)),
      Effect.forkScoped
    )
  })
)
