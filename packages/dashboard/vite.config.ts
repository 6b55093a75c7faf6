/**
 * Builds the pages into `dist/`, from where the cloud serves them. Every address in them is relative,
 * so they work under any path; nothing is inlined, so they work under a strict content security policy.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // `vite` alone serves the sources with hot reload beside a running cloud.
  server: { proxy: { "/v1": "http://127.0.0.1:4646" } },
});
