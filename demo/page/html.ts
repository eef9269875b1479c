/** HTML that nothing can be injected into: every value that is not already `Html` is escaped. */
export interface Html {
  readonly html: string;
}

export type Piece = Html | string | number | false | null | undefined | readonly Piece[];

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign);

function write(piece: Piece): string {
  if (piece === false || piece === null || piece === undefined) return '';
  if (Array.isArray(piece)) return piece.map(write).join('');
  if (typeof piece === 'object') return (piece as Html).html;
  return escapeHtml(String(piece));
}

/** Quote every attribute: escaping does not protect unquoted ones. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return { html: strings.reduce((all, text, index) => all + write(pieces[index - 1]) + text) };
}

/** For markup that was built and escaped here. */
export const raw = (markup: string): Html => ({ html: markup });

export const NOTHING: Html = raw('');
