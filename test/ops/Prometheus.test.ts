import { assert, describe, it } from "@effect/vitest"
import { render } from "../../src/ops/Prometheus.ts"

describe("Prometheus' text", () => {
  it("has for each metric its help, its type, and a line for each set of labels", () => {
    const samples = [{ labels: { command: "mesg", by: "ann" }, value: 3 }, { value: 0.5 }]
    assert.strictEqual(
      render([{ name: "lines_total", help: "Lines.", type: "counter", samples }]),
      '# HELP lines_total Lines.\n# TYPE lines_total counter\nlines_total{command="mesg",by="ann"} 3\nlines_total 0.5\n'
    )
  })

  it("keeps a label's text from being anything else", () => {
    const samples = [{ labels: { name: 'a"b\\c\nd' }, value: 1 }]
    assert.include(render([{ name: "x", help: "X.", type: "gauge", samples }]), 'x{name="a\\"b\\\\c\\nd"} 1\n')
  })

  it("adds up a histogram's counts, and ends with all of them", () => {
    const distribution = { bounds: [0.1, 1], counts: [5, 2, 1], sum: 4.5 }
    assert.deepStrictEqual(
      render([{ name: "late_seconds", help: "Late.", type: "histogram", distribution }])
        .split("\n")
        .slice(2, -1),
      [
        'late_seconds_bucket{le="0.1"} 5',
        'late_seconds_bucket{le="1"} 7',
        'late_seconds_bucket{le="+Inf"} 8',
        "late_seconds_sum 4.5",
        "late_seconds_count 8"
      ]
    )
  })
})
