/** The state of the chat after each event: pure, so that a table of cases tests all of it. */

import * as Chunk from "effect/Chunk"
import { clean } from "../protocol/Text.ts"
import { follow } from "./Follow.ts"
import { type Event, ending, type Model, type Step } from "./Model.ts"
import { enter, pasted, press } from "./Press.ts"

/** A line of a pipe waits until it can be sent. */
const entered = (model: Model, line: string): Step =>
  model.name === "" || model.isOnline
    ? enter(model, line)
    : [{ ...model, waiting: Chunk.append(model.waiting, line) }, []]

const dispatch = (model: Model, event: Event): Step => {
  switch (event._tag) {
    case "Pressed":
      return press(model, event.key)
    case "Pasted":
      return pasted(model, event.text)
    case "Entered":
      // A line of a pipe can hold anything, and is shown again once it is sent.
      return entered(model, clean(event.line))
    case "InputEnded":
      return [{ ...model, isInputOver: true }, []]
    case "Resized":
      return [{ ...model, columns: event.columns }, []]
    case "Closed":
      return [ending(model, event.exitCode), []]
    case "Linked":
      return follow(model, event.event, event.time)
  }
}

/** Whether everything that was typed has been handled, and nothing more will be. */
const isDone = ({ isInputOver, sending, waiting }: Model): boolean =>
  isInputOver && Chunk.isEmpty(sending) && Chunk.isEmpty(waiting)

/** The next state, and what has to be done. */
export const update = (model: Model, event: Event): Step => {
  const [next, actions] = dispatch(model, event)
  return [isDone(next) ? ending(next, 0) : next, actions]
}
