// Keeps the page as the server has it: hears that something has changed, fetches the page again, and changes only what differs.
import { morph } from "./morph.js";
import { showConsole } from "./console.js";

const main = document.getElementById("main");
const lost = document.getElementById("lost");
let isBusy = false;
let isWanted = false;
let isStale = false;
let isPaused = false;

// A page that is costly to make is made less often: it rests three times as long as it took.
let restUntil = 0;
let resting;
function changed() {
  isStale = true;
  if (document.hidden || isPaused || isBusy) return;
  clearTimeout(resting);
  const rest = restUntil - performance.now();
  if (rest > 0) resting = setTimeout(changed, rest);
  else refresh();
}

async function refresh() {
  isWanted = true;
  if (isBusy) return;
  isBusy = true;
  try {
    while (isWanted) {
      isWanted = isStale = false;
      const started = performance.now();
      const asked = location.href;
      const response = await fetch(asked);
      if (response.redirected) return location.reload();
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      // The viewer may have gone on meanwhile.
      if (asked !== location.href) {
        isWanted = true;
        continue;
      }
      document.title = page.title;
      morph(main, page.getElementById("main"));
      restUntil = performance.now() + 3 * (performance.now() - started);
      if (lost) lost.hidden = true;
    }
  } catch {
    if (lost) lost.hidden = false;
  } finally {
    isBusy = false;
  }
  if (isStale) changed();
}

const topics = document.querySelector("[data-topics]")?.dataset.topics;
if (topics) {
  const events = new EventSource(`/live?topics=${topics}`);
  let wasLost = false;
  events.addEventListener("changed", changed);
  events.addEventListener("hello", () => {
    lost.hidden = true;
    if (wasLost) refresh();
    wasLost = false;
  });
  events.addEventListener("error", () => {
    wasLost = true;
    lost.hidden = false;
    // A refusal is final for EventSource: the AppHost was started anew, and asks to sign in again.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isStale && !isPaused) refresh();
  });
  const pause = document.getElementById("pause");
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", isPaused);
    pause.textContent = isPaused ? "Go on" : "Pause";
    if (!isPaused && isStale) refresh();
  });
}

// Filters take effect as they are typed.
let typing;
document.addEventListener("input", event => {
  const form = event.target.closest("form[data-filter]");
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(() => filter(form), event.target.matches("select, [type=checkbox]") ? 0 : 250);
});
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.matches("[data-filter], [data-pick]")) {
    event.preventDefault();
    if (form.matches("[data-filter]")) filter(form);
  } else if (form.dataset.confirm) {
    event.preventDefault();
    confirmed(form.dataset.confirm).then(isYes => isYes && form.submit());
  }
});
// What was typed before this was loaded counts too.
for (const form of document.querySelectorAll("form[data-filter]")) {
  const asked = new URLSearchParams(location.search);
  if ([...new FormData(form)].some(([name, value]) => value !== (asked.get(name) ?? ""))) filter(form);
}
function filter(form) {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  history.replaceState(null, "", `${location.pathname}?${query}`);
  refresh();
}

document.addEventListener("change", event => {
  if (event.target.closest("form[data-go]")) go(event.target.value);
  const form = event.target.closest("form[data-pick]");
  if (form && event.target.value) location.href = form.dataset.pick + encodeURIComponent(event.target.value);
});

// Links within a page change what differs.
document.addEventListener("click", event => {
  const link = event.target.closest("a[data-live]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href);
});
function go(address) {
  history.pushState(null, "", address);
  refresh();
}
addEventListener("popstate", refresh);

function confirmed(text) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-text").textContent = text;
  return new Promise(resolve => {
    const answer = isYes => {
      dialog.onclick = dialog.oncancel = null;
      dialog.close();
      resolve(isYes);
    };
    dialog.onclick = event => event.target.value && answer(event.target.value === "yes");
    dialog.oncancel = () => answer(false);
    dialog.showModal();
  });
}

const consoleElement = document.querySelector("[data-console]");
if (consoleElement) showConsole(consoleElement);
