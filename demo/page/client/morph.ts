/**
 * Updates an element's content with as few changes as possible, so that focus, caret, scroll position and typed text
 * stay. Typed text is a property and not an attribute, so it stays as long as its element does.
 */
const keyOf = (node: Node): string | undefined =>
  node instanceof Element && node.id !== '' ? node.id : undefined;

const alike = (a: Node, b: Node): boolean =>
  a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

/** Attributes that the person changes: an opened list of pools stays open, and so does that of a search field. */
const isKept = (from: Element, name: string): boolean =>
  name === 'open' ||
  (from.matches('[data-search]') && ['aria-expanded', 'aria-activedescendant'].includes(name));

function syncAttributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes])
    if (!to.hasAttribute(name) && !isKept(from, name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes])
    if (from.getAttribute(name) !== value && !isKept(from, name)) from.setAttribute(name, value);
  // Switches and menus show the server's state. Text fields keep what was typed.
  if (from instanceof HTMLInputElement && from.matches('[data-switch]'))
    from.checked = to.hasAttribute('checked');
  if (from instanceof HTMLSelectElement && from.matches('[data-status]') && to instanceof HTMLSelectElement)
    from.value = to.value;
}

function sync(from: Node, to: Node): void {
  if (from instanceof Element && to instanceof Element) {
    // The client fills these lists itself.
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
    // First removes old nodes before the match: if the match need not move, it keeps the focus.
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
