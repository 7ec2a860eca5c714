// How the shortcut for finding is written on this kind of keyboard.
const apple = /Mac OS|iPhone|iPad/.test(navigator.userAgent);

export const FIND_SHORTCUT = apple ? '⌘K' : 'Ctrl K';
