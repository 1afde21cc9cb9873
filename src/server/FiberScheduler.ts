/** The order in which sessions run. */
import type { Scheduler } from "effect/Scheduler"

/**
 * Runs a fiber in the call that wakes it, or, if one is running already, right after that one. So a session has dealt with
 * an event before the event loop comes to the next: its leaving line is written before the kernel can give its descriptor
 * to another client. Effect's default scheduler would run it a microtask later.
 */
export class FiberScheduler implements Scheduler {
  private readonly tasks: Array<() => void> = []
  private isRunning = false

  /** Never: each session waits for its next chunk soon enough, and the transport keeps the turns fair. */
  shouldYield(): false {
    return false
  }

  scheduleTask(task: () => void): void {
    if (this.isRunning) {
      this.tasks.push(task)
      return
    }
    this.isRunning = true
    try {
      for (let next: (() => void) | undefined = task; next !== undefined; next = this.tasks.shift()) next()
    } finally {
      this.isRunning = false
    }
  }
}
