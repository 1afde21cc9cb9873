/** The order in which sessions run. */
import * as MutableList from "effect/MutableList"
import type { Scheduler } from "effect/Scheduler"

/**
 * Runs a fiber in the call that wakes it, or, if one is running already, right after that one. So a session has dealt with
 * an event before the event loop comes to the next: its leaving line is written before the kernel can give its descriptor
 * to another client. Effect's default scheduler would run it a microtask later.
 */
export class FiberScheduler implements Scheduler {
  /** No array: with the sessions of a large room, taking the first of its elements would move all others each time. */
  private readonly tasks = MutableList.empty<() => void>()
  private isRunning = false

  /** Never: each session waits for its next chunk soon enough, and the transport keeps the turns fair. */
  shouldYield(): false {
    return false
  }

  scheduleTask(task: () => void): void {
    if (this.isRunning) {
      MutableList.append(this.tasks, task)
      return
    }
    this.isRunning = true
    try {
      for (let next: (() => void) | undefined = task; next !== undefined; next = MutableList.shift(this.tasks)) next()
    } finally {
      this.isRunning = false
    }
  }
}
