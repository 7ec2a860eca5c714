// Applies the chosen theme before the first paint. A file of its own, since the page's
// Content-Security-Policy allows no inline script. Without a choice, CSS follows the system.
(function () {
  try {
    var theme = localStorage.getItem('godwit.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is denied here: the system's theme it is.
  }
})();
