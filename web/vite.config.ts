// How the web app is built: one page, hashed assets, a strict CSP in mind (no inline script, no data:
// URIs, no polyfill that injects code), and the service worker that keeps the shell for offline starts.
// The typed client is compiled from its sources beside this folder; its WebAssembly comes from the
// CMake build in build/wasm.
import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

// Where CMake's preset `wasm` puts the core, unless told.
const coreWasm = process.env['GODWIT_CORE_WASM'] ?? fromRoot('build/wasm/wasm-core');
const serverOrigin = process.env['GODWIT_ORIGIN'] ?? 'http://localhost:8080';

export default defineConfig({
  resolve: {
    alias: [
      { find: '@godwit/core/types', replacement: fromRoot('wasm-core/src/types.ts') },
      { find: /^@godwit\/core$/, replacement: fromRoot('wasm-core/src/index.ts') },
      { find: '@godwit/core-wasm', replacement: coreWasm },
    ],
  },
  plugins: [
    react(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'service_worker.ts',
      injectRegister: null,
      manifest: {
        name: 'Godwit',
        short_name: 'Godwit',
        description: 'A messenger of your own. What you write arrives.',
        id: '/',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#f2ece2',
        theme_color: '#f2ece2',
        categories: ['social', 'communication'],
        icons: [
          { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          {
            src: 'icons/maskable-512.png',
            sizes: '512x512',
            type: 'image/png',
            purpose: 'maskable',
          },
          { src: 'icons/mark.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
      injectManifest: {
        globPatterns: ['**/*.{html,js,css,wasm,svg,png,webmanifest}'],
        globIgnores: ['**/*.map'],
        maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
        // Hashed names need no revision of their own.
        dontCacheBustURLsMatching: /^assets\//,
      },
    }),
  ],
  optimizeDeps: {
    include: [
      'react',
      'react/jsx-runtime',
      'react/jsx-dev-runtime',
      'react-dom',
      'react-dom/client',
    ],
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    assetsDir: 'assets',
    sourcemap: false,
  },
  server: {
    fs: { allow: [fromRoot('')] },
    proxy: {
      '/api': serverOrigin,
      '/ws': { target: serverOrigin, ws: true },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    css: false,
    testTimeout: 30_000, // a bound for hangs on a busy machine, no statement of speed
  },
});
