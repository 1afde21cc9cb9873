/** The targets by name. */
import { entries } from "./Entries.ts"
import { room } from "./Game.ts"
import { http } from "./Http.ts"
import { lines } from "./Lines.ts"
import { options } from "./OptionsFile.ts"
import { proxy } from "./Proxy.ts"
import type { Target } from "./Target.ts"
import { screen } from "./TerminalScreen.ts"
import { webSocket } from "./WebSocketFrames.ts"

export const targets: ReadonlyMap<string, Target> = new Map([
  ["room", room],
  ["lines", lines],
  ["http", http],
  ["proxy", proxy],
  ["websocket", webSocket],
  ["options", options],
  ["screen", screen],
  ["entries", entries]
])
