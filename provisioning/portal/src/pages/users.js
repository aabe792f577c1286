import { html } from '../html.js';
import { UserList } from './users/list.js';
import { User } from './users/user.js';

export const Users = (props) => (props.rest[0] ? html`<${User} key=${props.rest[0]} ...${props} user=${props.rest[0]} />` : html`<${UserList} ...${props} />`);

/** What somebody without an office sees of himself. */
export const Me = (props) => html`<${User} ...${props} domain=${props.session.domain} user=${props.session.user} page="me" />`;
