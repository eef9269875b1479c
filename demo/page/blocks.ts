/** Block Kit as HTML. What each block shows is in docs.slack.dev/reference/block-kit/blocks. */
import { type Place, renderElement } from './elements';
import { type Block, type Blocks, rich } from './field';
import { type Html, html, NOTHING } from './html';
import type { Look } from './mrkdwn';

function section(look: Look, block: Block, place: Place): Html {
  const fields = block.fields?.map((field) => html`<div class="field">${rich(look, field)}</div>`);
  return html`<div class="section"><div class="grow">${block.text !== undefined && html`<div class="text">${rich(look, block.text)}</div>`}${fields && html`<div class="fields">${fields}</div>`}</div>${block.accessory && html`<div class="accessory">${renderElement(look, block, block.accessory, place)}</div>`}</div>`;
}

function context(look: Look, block: Block): Html {
  const parts = (block.elements ?? []).map((one) =>
    one.type === 'image' ? html`<span>[${one.alt_text ?? ''}]</span>` : html`<span>${rich(look, one)}</span>`,
  );
  return html`<div class="context">${parts}</div>`;
}

function input(look: Look, block: Block, place: Place): Html {
  if (!block.element) return NOTHING;
  const { block_id = '', element, hint, label, optional } = block;
  const id = place.kind === 'view' ? `f-${place.id}-${block_id}-${element.action_id ?? ''}` : '';
  const error = place.kind === 'view' ? place.errors[block_id] : undefined;
  return html`<div class="input${error !== undefined && ' wrong'}"><label for="${id}">${rich(look, label)}${optional && html` <span class="optional">(optional)</span>`}</label>${renderElement(look, block, element, place)}${error !== undefined && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}${hint && html`<p class="hint" id="${id}-hint">${rich(look, hint)}</p>`}</div>`;
}

function one(look: Look, block: Block, place: Place): Html {
  switch (block.type) {
    case 'header':
      return html`<h3 class="header">${rich(look, block.text)}</h3>`;
    case 'divider':
      return html`<hr>`;
    case 'section':
      return section(look, block, place);
    case 'context':
      return context(look, block);
    case 'actions':
      return html`<div class="actions">${(block.elements ?? []).map((element) => renderElement(look, block, element, place))}</div>`;
    case 'input':
      return input(look, block, place);
    case 'image':
      return html`<p class="picture">[${block.alt_text ?? 'picture'}]</p>`;
    case 'markdown':
      return html`<div class="text pre">${rich(look, block.text)}</div>`;
    default:
      return html`<p class="undrawn">[${block.type}: not shown on this page]</p>`;
  }
}

export const renderBlocks = (look: Look, blocks: Blocks, place: Place): Html =>
  html`${blocks.map((block) => html`<div class="block">${one(look, block, place)}</div>`)}`;
