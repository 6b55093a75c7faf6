/**
 * Builds the page into `dist/`, from where the API serves it. Every address in it is relative, so
 * it works under any path; nothing is inlined, so it works under a strict content security policy.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = "http://127.0.0.1:8080";

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
  // `vite` alone serves the sources with hot reload beside a running API.
  server: { proxy: { "/v1": api, "^/fractal/": api, "/docs": api, "/openapi.json": api } },
});
