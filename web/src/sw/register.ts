// Registers the service worker, where the page may have one (https or localhost) and this is a build.
// A version that was waiting when the page started takes over at once if no other page is open.

function takeOver(waiting: ServiceWorker): void {
  // Only a page that an older version controls is reloaded, once, right after its start.
  if (navigator.serviceWorker.controller === null) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  });
  waiting.postMessage('activate-if-alone');
}

async function register(): Promise<void> {
  const registration = await navigator.serviceWorker.register('/service_worker.js', {
    updateViaCache: 'none',
  });
  if (registration.waiting !== null) takeOver(registration.waiting);
}

export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Without it the app works, only not from a cold start offline.
  const begin = (): void => void register().catch(() => undefined);
  // After load, so that filling the cache does not compete with the first start.
  if (document.readyState === 'complete') begin();
  else window.addEventListener('load', begin, { once: true });
}
