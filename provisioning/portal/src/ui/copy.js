import { html } from '../html.js';
import { t } from '../text.js';
import { Button } from './button.js';
import { toast } from './toast.js';

/** A text that people take along: an address, a key that is told once. */
export const Copy = ({ text, label }) => html`<div class="copy"><code aria-label=${label}>${text}</code>
	<${Button} onClick=${() => navigator.clipboard.writeText(text).then(() => toast(t('do.copied')), () => toast(t('copy.byHand'), 'bad'))}>${t('do.copy')}<//></div>`;
