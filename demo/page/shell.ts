import type { Snapshot } from '../../fakes/slack';
import { html } from './html';
import { APP_NAME, avatar, shownName } from './people';

interface Frame {
  people: Snapshot['people'];
  firstChannel: string;
  /** Whether the next demo has the same address. */
  comesBack: boolean;
}

const COMES_BACK = 'The page reconnects by itself when the demo runs again.';
const IS_ELSEWHERE = 'Start the demo again and open the address that it prints.';

/** The frame of the page. The events fill its regions. */
export function shell({ people, firstChannel, comesBack }: Frame): string {
  const choices = people.map(
    ({ id, name }) =>
      html`<button type="button" data-person="${id}" aria-pressed="false">${avatar(id, name)} ${shownName(name)}</button>`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Demo: ${APP_NAME} for Slack</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/client/main"></script>
</head>
<body data-side="slack" data-first="${firstChannel}" data-people="${people.map(({ id }) => id).join(' ')}">
<header id="bar">
<h1>${APP_NAME} <span>for Slack</span></h1>
<p id="demo"><b>Demo:</b> a fake Slack and a fake Toloka on this machine. Nothing reaches the real ones.</p>
<p id="toast" role="status"></p>
<div id="people" role="group" aria-label="Who you are"><span>You are</span> ${choices}</div>
<div id="sides" role="group" aria-label="Which side is shown"><button type="button" data-side-button="slack" aria-pressed="true">Slack</button><button type="button" data-side-button="toloka" aria-pressed="false">Toloka</button></div>
</header>
<p id="lost" role="alert" hidden>The connection to the demo is lost. ${comesBack ? COMES_BACK : IS_ELSEWHERE}</p>
<main>
<section id="slack" aria-label="Slack">
<div id="window">
<nav id="sidebar" aria-label="Channels and apps"></nav>
<section id="conversation" aria-label="Conversation">
<header id="heading"></header>
<div id="messages" class="scroll" data-stick tabindex="0" role="group" aria-label="Messages"></div>
<div id="composer"></div>
</section>
<aside id="thread" aria-labelledby="thread-title"></aside>
</div>
<div id="modal"></div>
</section>
<aside id="toloka" tabindex="-1" aria-label="Toloka accounts">
<h2>Toloka accounts <small>fake</small></h2>
<section id="trainings"></section>
<section id="operations"></section>
<section id="wire"></section>
<section id="switches"></section>
<p class="lead keys"><b>F6</b> moves between Slack and Toloka.</p>
</aside>
</main>
<dialog id="confirm" aria-labelledby="confirm-title" aria-describedby="confirm-text"><h2 id="confirm-title"></h2><div id="confirm-text" class="text"></div><footer><button type="button" class="button plain" data-answer="no"></button><button type="button" class="button primary" data-answer="yes"></button></footer></dialog>
<p id="announce" class="unseen" aria-live="polite"></p>
</body>
</html>`.html;
}
