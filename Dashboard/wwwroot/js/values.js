// Numbers, times and spans in the viewer's own format: the server says what, the browser says how.
const locales = (() => {
  try {
    return Intl.getCanonicalLocales([...navigator.languages]);
  } catch {
    return ['en'];
  }
})();

const cache = new Map();
function format(kind, options) {
  const key = kind.name + JSON.stringify(options);
  if (!cache.has(key))
    cache.set(key, new kind(locales, options));
  return cache.get(key);
}

class Value extends HTMLElement {
  static observedAttributes = ['value', 'as', 'digits'];

  connectedCallback() {
    this.show();
  }

  attributeChangedCallback() {
    if (this.isConnected)
      this.show();
  }

  show() {
    const value = this.getAttribute('value');
    const text = value === null || value === '' ? '–' : this.text(value, this.getAttribute('as'));
    if (this.textContent !== text)
      this.textContent = text;
  }
}

customElements.define('sl-number', class extends Value {
  text(value, as) {
    const digits = Number(this.getAttribute('digits') ?? 0);
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    if (as === 'percent')
      options.style = 'percent';
    if (as === 'compact')
      Object.assign(options, { notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 1 });
    return format(Intl.NumberFormat, options).format(Number(value));
  }
});

const times = {
  datetime: { dateStyle: 'medium', timeStyle: 'medium' },
  time: { timeStyle: 'medium' },
  date: { dateStyle: 'medium' },
  day: { dateStyle: 'medium', timeZone: 'UTC' },
  month: { month: 'long', year: 'numeric', timeZone: 'UTC' },
};

customElements.define('sl-time', class extends Value {
  text(value, as) {
    this.title = value;
    return format(Intl.DateTimeFormat, times[as ?? 'datetime']).format(new Date(value));
  }
});

const units = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

customElements.define('sl-duration', class extends Value {
  text(value) {
    let seconds = Number(value);
    const in_ = (amount, unit, digits) =>
      format(Intl.NumberFormat, { style: 'unit', unit, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount);
    if (seconds < 59.95)
      return in_(seconds, 'second', 1);
    seconds = Math.round(seconds);
    const first = units.findIndex(([, length]) => seconds >= length);
    const parts = units.slice(first, first + 2).map(([unit, length]) => {
      const amount = Math.floor(seconds / length);
      seconds -= amount * length;
      return in_(amount, unit, 0);
    });
    return parts.join(' ');
  }
});

// For what the server draws: charts have no elements in them.
globalThis.sluice = {
  conventions() {
    const parts = new Intl.NumberFormat(locales, { useGrouping: 'always' }).formatToParts(-1234567.8);
    const part = type => parts.find(part => part.type === type)?.value ?? '';
    return { group: part('group'), decimal: part('decimal'), offsetMinutes: -new Date().getTimezoneOffset() };
  },
};
