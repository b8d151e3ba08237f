// Makes one piece of the page like another with as few changes as it takes: focus, selection and scroll positions stay.
export function morph(from, to) {
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  if (from.hasAttribute("data-keep") || from.isEqualNode(to)) return;
  copyAttributes(from, to);
  if (from.matches("input, select") && from === document.activeElement) return;
  if (from.matches("input")) {
    from.value = to.getAttribute("value") ?? "";
    from.checked = to.hasAttribute("checked");
    return;
  }
  morphChildren(from, to);
}

function copyAttributes(from, to) {
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  }
}

function morphChildren(from, to) {
  const keyed = new Map([...from.children].filter(keyOf).map(child => [keyOf(child), child]));
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const known = key ? keyed.get(key) : isAlike(place, wanted) ? place : null;
    if (known) {
      if (known === place) place = place.nextSibling;
      else from.insertBefore(known, place);
      morph(known, wanted);
    } else {
      from.insertBefore(wanted, place);
    }
    if (key) keyed.delete(key);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

const keyOf = node => node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset?.key : undefined;

const isAlike = (one, other) => one && one.nodeType === other.nodeType && one.nodeName === other.nodeName && !keyOf(one);
