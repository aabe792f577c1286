// What a window shows of a job: its status, and the recycle form that follows a reset.
import { html } from '../../html.js';
import { Recycle } from './recycle.js';
import { Status } from './status.js';

/** id: of a job, or 'forms' for every recycle form that waits. onNext(id): go on with that one. */
export const JobDialog = ({ domain, id, onNext, onClose }) => (id === 'forms'
	? html`<${Recycle} domain=${domain} onJob=${onNext} onClose=${onClose} />`
	: html`<${Status} domain=${domain} id=${id} onNext=${() => onNext('forms')} onClose=${onClose} />`);
