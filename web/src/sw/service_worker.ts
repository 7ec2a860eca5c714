// Keeps the shell of the app (page, scripts, styles, the core's glue and WebAssembly together) so that
// it opens without a network. It touches nothing that is the server's: /api, /ws, /metrics, /healthz
// and /readyz go to the network, and no message ever lies in its cache.
/// <reference lib="webworker" />
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: Parameters<typeof precacheAndRoute>[0];
};

const SERVERS_OWN = [/^\/api\//, /^\/ws$/, /^\/metrics$/, /^\/healthz$/, /^\/readyz$/];

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: SERVERS_OWN }),
);

// A new version waits until no page of the old one is open, since an old page may still have to load
// the core that belongs to it. A page that has just started and is alone asks not to wait (register.ts).
async function activateIfAlone(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length <= 1) await self.skipWaiting();
}

self.addEventListener('message', (event) => {
  if (event.data === 'activate-if-alone') event.waitUntil(activateIfAlone());
});
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
