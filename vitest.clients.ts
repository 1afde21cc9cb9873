import { defineConfig } from "vitest/config"
import common, { clients } from "./vitest.config.ts"

/** Client programs and pages in real terminals and browsers, and the package as npm installs it. */
export default defineConfig({ test: { ...common.test, include: [clients], exclude: ["**/node_modules/**"] } })
