// Builds the page into dist/ui, from where the server serves it.
import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

export default defineConfig({
  root: here('.'),
  // Below whatever path the server stands: index.html names it in <base>, which the server fills in.
  base: './',
  plugins: [react()],
  resolve: { alias: { 'node:buffer': here('src/manifest/node-buffer.ts') } },
  build: {
    outDir: here('../dist/ui'),
    emptyOutDir: true,
    // The style sheet says both themes in one place with light-dark(); older browsers would get a copy of each rule.
    target: ['chrome125', 'firefox128', 'safari18'],
    modulePreload: { polyfill: false },
  },
  server: {
    // `vite --config ui/vite.config.ts` while working on the page, against a running `capstan up`.
    proxy: { '/api': 'http://127.0.0.1:8080' },
  },
})
