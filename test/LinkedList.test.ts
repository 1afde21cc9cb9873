import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Link, LinkedList } from "../src/LinkedList.ts"

class Item extends Link {
  readonly id: number

  constructor(id: number) {
    super()
    this.id = id
  }
}

describe("a linked list", () => {
  const step = FastCheck.record({
    id: FastCheck.nat(5),
    list: FastCheck.constantFrom("a" as const, "b" as const, "none" as const)
  })
  it.prop("agrees with arrays under any moves between two lists", [FastCheck.array(step)], ([steps]) => {
    const items = Array.from({ length: 6 }, (_, id) => new Item(id))
    const lists = { a: new LinkedList<Item>(), b: new LinkedList<Item>() }
    const model: { a: ReadonlyArray<number>; b: ReadonlyArray<number> } = { a: [], b: [] }
    for (const { id, list } of steps) {
      const item = items[id]
      if (item === undefined) return assert.fail("there are six")
      model.a = model.a.filter((other) => other !== id)
      model.b = model.b.filter((other) => other !== id)
      if (list === "none") item.unlink()
      else {
        lists[list].add(item)
        model[list] = [...model[list], id]
      }
      for (const name of ["a", "b"] as const) {
        assert.deepStrictEqual(
          [...lists[name]].map((item) => item.id),
          model[name]
        )
        assert.strictEqual(lists[name].first?.id, model[name][0])
      }
    }
  })
})
