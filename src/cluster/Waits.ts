/** Senders of this node that wait until recipients elsewhere have taken their lines. */
import * as Effect from "effect/Effect"
import type { Way } from "../room/Deliver.ts"

interface Wait {
  readonly token: string
  readonly recipient: string
  /** How many times more the sender has been told to go on than to wait. */
  early: number
  readonly resumes: Array<() => void>
}

/** A sender is told to wait by the answer to its message, and to go on by an entry of the inbox, which may come first. */
export class Waits {
  private readonly waits = new Map<string, Wait>()

  /** The way to a recipient elsewhere. The lines have been sent, and the sender has to wait until they are taken. */
  way(token: string, recipient: string, isThere: () => boolean): Way {
    const emptied = Effect.async<void>((resume) => {
      const wait = this.of(token, recipient)
      if (wait.early > 0 || !isThere()) {
        wait.early = Math.max(0, wait.early - 1)
        return resume(Effect.void)
      }
      wait.resumes.push(() => resume(Effect.void))
    })
    return { append: () => false, enqueue: () => ({ emptied }) }
  }

  /** The recipient has taken lines of this sender, once. */
  taken(token: string, recipient: string): void {
    const wait = this.of(token, recipient)
    const resume = wait.resumes.shift()
    if (resume === undefined) wait.early++
    else resume()
  }

  /** Ends all waits for which this is true. */
  release(isOver: (wait: Pick<Wait, "token" | "recipient">) => boolean): void {
    for (const [id, wait] of this.waits) {
      if (!isOver(wait)) continue
      this.waits.delete(id)
      for (const resume of wait.resumes) resume()
    }
  }

  private of(token: string, recipient: string): Wait {
    const id = `${token} ${recipient}`
    const wait = this.waits.get(id) ?? { token, recipient, early: 0, resumes: [] }
    this.waits.set(id, wait)
    return wait
  }
}
