/** Checks that run inside the page. They are text because the tests are compiled without the browser's types. */

/** Visible text with less contrast than WCAG 2 AA requires: 4.5, or 3 for large text. */
export const FAINT = `(() => {
  const read = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    const unit = text.startsWith('color(') ? 255 : 1;
    return { rgb: parts.slice(0, 3).map((part) => part * unit), alpha: parts[3] ?? 1 };
  };
  const over = (top, below) => top.rgb.map((part, at) => part * top.alpha + below[at] * (1 - top.alpha));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const colour = read(getComputedStyle(element).backgroundColor);
    return colour.alpha === 1 ? colour.rgb : over(colour, behind(element.parentElement));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!/[\\p{L}\\p{N}]/u.test(node.data) || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    const opacity = Number(style.opacity);
    const ink = over({ ...read(style.color), alpha: read(style.color).alpha * opacity }, back);
    const [high, low] = [light(ink), light(back)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(ratio.toFixed(2) + ' ' + element.className + ': ' + node.data.trim().slice(0, 40));
  }
  return faint;
})()`;

/** What is too wide: the page itself, or an element that sticks out of the window. */
export const OVERFLOW = `(() => {
  const wide = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen')) continue;
    const clipped = (one) => one && one !== document.body && (getComputedStyle(one).overflowX === 'hidden' || clipped(one.parentElement));
    if (clipped(element.parentElement?.closest('main *'))) continue;
    const { left, right } = element.getBoundingClientRect();
    if (right > innerWidth + 1 || left < -1) wide.push(element.tagName + ' ' + element.className + ' ' + Math.round(right));
    if (element.matches('.scroll, #toloka, .wire') && element.scrollWidth > element.clientWidth + 1) wide.push('scrolls: ' + element.id + ' ' + element.className);
  }
  return wide;
})()`;
