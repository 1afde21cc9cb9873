import { assert, describe, it } from "@effect/vitest"
import { render } from "../../src/ops/Prometheus.ts"

describe("the text format of Prometheus", () => {
  it("gives each metric its help, its type, and a line for each set of labels", () => {
    const samples = [{ labels: { command: "mesg", by: "ann" }, value: 3 }, { value: 0.5 }]
    assert.strictEqual(
      render([{ name: "lines_total", help: "Lines.", type: "counter", samples }]),
      '# HELP lines_total Lines.\n# TYPE lines_total counter\nlines_total{command="mesg",by="ann"} 3\nlines_total 0.5\n'
    )
  })

  it("escapes quotes, backslashes and line ends in a label's value", () => {
    const samples = [{ labels: { name: 'a"b\\c\nd' }, value: 1 }]
    assert.include(render([{ name: "x", help: "X.", type: "gauge", samples }]), 'x{name="a\\"b\\\\c\\nd"} 1\n')
  })

  it("cumulates the buckets of a histogram, and ends them with +Inf", () => {
    const histogram = { bounds: [0.1, 1], counts: [5, 2, 1], sum: 4.5 }
    assert.deepStrictEqual(
      render([{ name: "late_seconds", help: "Late.", type: "histogram", histogram }])
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
