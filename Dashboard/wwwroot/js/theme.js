// Runs before the first paint. The choice is the viewer's: the system's, light or dark.
(() => {
  const key = 'sluice-theme';
  const choices = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];
  const chosen = () => localStorage.getItem(key) ?? 'system';

  function apply() {
    const scheme = chosen();
    document.documentElement.dataset.scheme = scheme;
    for (const sheet of document.querySelectorAll('link[data-scheme]'))
      sheet.media = scheme === 'system' ? `(prefers-color-scheme: ${sheet.dataset.scheme})` : sheet.dataset.scheme === scheme ? 'all' : 'not all';
  }

  customElements.define('theme-switch', class extends HTMLElement {
    connectedCallback() {
      const select = document.createElement('select');
      select.setAttribute('aria-label', 'Colours');
      select.append(...choices.map(([value, text]) => new Option(text, value, false, value === chosen())));
      select.addEventListener('change', () => {
        localStorage.setItem(key, select.value);
        apply();
      });
      this.replaceChildren(select);
    }
  });

  addEventListener('storage', event => event.key === key && apply());
  apply();
})();
