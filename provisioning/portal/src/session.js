import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export const Session = createContext(null);
export const useSession = () => useContext(Session);

const ranks = { 'Super User': 60, Reseller: 50, 'Office Manager': 40, 'Site Manager': 30, 'Field Technician': 20, 'Call Center Supervisor': 15,
	'Call Center Agent': 10, 'Advanced User': 10, 'Basic User': 10, 'Simple User': 10, 'No Portal': 5 };

/** What a scope shows: the server decides what it may do, this only spares people doors that are closed to them. */
export function may(session) {
	const rank = ranks[session['user-scope']] ?? 10;
	return { domains: rank >= 50, office: rank >= 40, site: rank >= 30, phones: rank >= 20, global: rank >= 60, basic: rank < 20 };
}

/** Scopes that this person may give: up to the own one, the lowest first. */
export const scopesBelow = (session) => Object.keys(ranks).filter((s) => ranks[s] <= (ranks[session['user-scope']] ?? 10)).reverse();

/** May this person be reset, mailed, deleted? Not oneself, and nobody of a higher scope: the server refuses an order with such a one in it. */
export const within = (session, domain, u) => (u.user !== session.user || domain !== session.domain)
	&& (ranks[u['user-scope']] ?? 10) <= (ranks[session['user-scope']] ?? 10);
