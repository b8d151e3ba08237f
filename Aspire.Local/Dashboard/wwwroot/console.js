// The lines of a console as they come, in their colours; the view follows the end unless somebody has scrolled away from it.
const most = 5000;

export function showConsole(element) {
  const events = new EventSource(element.dataset.console);
  let last = 0;
  events.addEventListener("lines", event => {
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    const lines = document.createDocumentFragment();
    for (const line of JSON.parse(event.data)) {
      // After a break the kept lines come again; after a restart of the AppHost they count from one.
      if (line.number <= last) continue;
      last = line.number;
      lines.append(render(line));
    }
    element.append(lines);
    while (element.childElementCount > most) element.firstElementChild.remove();
    if (isAtEnd) element.scrollTop = element.scrollHeight;
  });
}

function render(line) {
  const row = document.createElement("div");
  row.className = line.isError ? "line failed" : "line";
  const number = document.createElement("span");
  number.className = "no";
  number.textContent = line.number;
  row.append(number, ...coloured(line.content));
  return row;
}

// Escape sequences (ECMA-48 SGR): colours and bold are kept, all others are dropped.
function coloured(text) {
  const parts = [];
  let style = "";
  for (const part of text.split(/(\u001b\[[0-9;]*[A-Za-z])/)) {
    if (part.startsWith("\u001b")) {
      if (part.endsWith("m")) style = classesOf(part.slice(2, -1), style);
    } else if (part) {
      const span = document.createElement("span");
      span.className = style;
      span.textContent = part;
      parts.push(span);
    }
  }
  return parts;
}

function classesOf(codes, before) {
  let classes = before.split(" ").filter(Boolean);
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) classes = [];
    else if (code === 1) classes.push("bold");
    else if (code === 22) classes = classes.filter(name => name !== "bold");
    else if (code === 39) classes = classes.filter(name => !name.startsWith("f"));
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) classes = [...classes.filter(name => !name.startsWith("f")), `f${code % 60 % 10}`];
  }
  return classes.join(" ");
}
