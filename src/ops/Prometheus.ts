/** The text format of Prometheus, version 0.0.4. */

export interface Sample {
  readonly labels?: { readonly [label: string]: string }
  readonly value: number
}

/** `counts[i]` counts the values in (`bounds[i - 1]`, `bounds[i]`], not cumulative; the last count is above all bounds. */
export interface Histogram {
  /** Ascending. */
  readonly bounds: ReadonlyArray<number>
  readonly counts: ReadonlyArray<number>
  readonly sum: number
}

/** A metric with one sample for each set of labels. */
export type MetricFamily = { readonly name: string; readonly help: string } & (
  | { readonly type: "counter" | "gauge"; readonly samples: ReadonlyArray<Sample> }
  | { readonly type: "histogram"; readonly histogram: Histogram }
)

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')

const line = (name: string, { labels = {}, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`
}

const histogramLines = (name: string, { bounds, counts, sum }: Histogram): string => {
  let total = 0
  const buckets = counts.map((count, index) => {
    total += count
    return line(`${name}_bucket`, { labels: { le: String(bounds[index] ?? "+Inf") }, value: total })
  })
  return buckets.join("") + line(`${name}_sum`, { value: sum }) + line(`${name}_count`, { value: total })
}

export const render = (families: ReadonlyArray<MetricFamily>): string =>
  families
    .map((family) => {
      const { help, name, type } = family
      const lines =
        family.type === "histogram"
          ? histogramLines(name, family.histogram)
          : family.samples.map((sample) => line(name, sample)).join("")
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines}`
    })
    .join("")
