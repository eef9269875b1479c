/**
 * Brings an element's content up to date with as few changes as possible, so that focus, caret, scroll and typed text
 * stay. What a person has typed is a property and not an attribute, so it is never touched while its element stays.
 */
const keyOf = (node: Node): string | undefined =>
  node instanceof Element && node.id !== '' ? node.id : undefined;

const alike = (a: Node, b: Node): boolean =>
  a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

/** The person's own: an opened list of pools stays open. */
const KEPT = new Set(['open']);

function syncAttributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes])
    if (!to.hasAttribute(name) && !KEPT.has(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes])
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  // Switches and menus show what the server says, whoever set it; text fields keep what was typed.
  if (from instanceof HTMLInputElement && from.matches('[data-switch]'))
    from.checked = to.hasAttribute('checked');
  if (from instanceof HTMLSelectElement && from.matches('[data-status]') && to instanceof HTMLSelectElement)
    from.value = to.value;
}

function sync(from: Node, to: Node): void {
  if (from instanceof Element && to instanceof Element) {
    // Lists that the client fills by itself.
    if (from.hasAttribute('data-client')) return;
    syncAttributes(from, to);
    morphChildren(from, to);
  } else if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
}

function morphChildren(from: Element, to: Element | DocumentFragment): void {
  let next: ChildNode | null = from.firstChild;
  const coming = new Set([...to.childNodes].map(keyOf));
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    let match: ChildNode | null = next;
    if (key !== undefined) {
      match =
        [...from.childNodes].find((one) => keyOf(one) === key && one.nodeName === wanted.nodeName) ?? null;
    } else if (match && !alike(match, wanted)) match = null;
    if (!match) {
      from.insertBefore(wanted, next);
      continue;
    }
    // What stands before a match and comes no more goes first: a match that need not move keeps the focus in it.
    while (next && match !== next && (keyOf(next) === undefined || !coming.has(keyOf(next)))) {
      const gone: ChildNode = next;
      next = next.nextSibling;
      gone.remove();
    }
    if (match !== next) from.insertBefore(match, next);
    else next = next.nextSibling;
    sync(match, wanted);
  }
  while (next) {
    const gone: ChildNode = next;
    next = next.nextSibling;
    gone.remove();
  }
}

export function morph(element: Element, markup: string): void {
  const template = document.createElement('template');
  template.innerHTML = markup;
  morphChildren(element, template.content);
}
