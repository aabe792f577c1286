// A real server for the browser: the demo with its fleet of phones, or a plain one in a folder of its own.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { say } = require('./tap');

const top = path.resolve(__dirname, '../../..');
const program = path.join(top, 'build', process.env.REKEY_KIND || 'dev', 'bin/rekeyd');
const closers = [];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Looks again until fn() gives something; then that. */
async function until(fn, seconds = 20, what = fn) {
	for (const end = Date.now() + seconds * 1000; ;) {
		const got = await fn();
		if (got) return got;
		if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
		await sleep(50);
	}
}

const freePort = () => new Promise((done) => {
	const s = net.createServer().listen(0, '127.0.0.1', () => {
		const { port } = s.address();
		s.close(() => done(port));
	});
});

function folder(name) {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), `rekey-${name}-`));
	if (!process.env.KEEP) closers.unshift(() => fs.rmSync(dir, { recursive: true, force: true }));
	return dir;
}

const ended = (p) => p.exitCode !== null || p.signalCode !== null;

async function end(p, signal = 'SIGTERM') {
	if (ended(p)) return;
	const gone = new Promise((done) => p.once('exit', done));
	p.kill(signal);
	if (await Promise.race([gone.then(() => true), sleep(15000)])) return;
	p.kill('SIGKILL');
	await gone;
}

/** One request without a browser: {status, body}; JSON is parsed. */
function request(url, method, headers, body) {
	return new Promise((done, fail) => {
		const rq = https.request(url, { method, headers, rejectUnauthorized: false }, (rs) => {
			const parts = [];
			rs.on('data', (d) => parts.push(d));
			rs.on('end', () => {
				const text = Buffer.concat(parts).toString();
				done({ status: rs.statusCode, headers: rs.headers, body: /json/.test(rs.headers['content-type'] || '') && text ? JSON.parse(text) : text });
			});
		});
		rq.on('error', fail);
		rq.end(body);
	});
}

/** What tests ask of a server beside the browser: { url, login, password, api(method, path, body) }. */
class Server {
	constructor(facts) {
		Object.assign(this, facts);
	}

	/** As the admin, by an API key of his; throws when it is refused. A string is CSV. */
	async api(method, where, body) {
		if (!this.key) await this.enter();
		const got = await request(`${this.url}/api/v1${where}`, method, { Authorization: `Bearer ${this.key}`,
			'Content-Type': typeof body === 'string' ? 'text/csv' : 'application/json' },
		typeof body === 'string' ? body : body && JSON.stringify(body));
		if (got.status >= 300) throw new Error(`${method} ${where}: ${got.status} ${JSON.stringify(got.body)}`);
		return got.body;
	}

	async enter() {
		const json = { 'Content-Type': 'application/json' };
		const got = await request(`${this.url}/api/v1/login`, 'POST', json, JSON.stringify({ login: this.login, password: this.password }));
		const made = await request(`${this.url}/api/v1/apikeys`, 'POST', { ...json, Cookie: got.headers['set-cookie'][0].split(';')[0],
			'X-CSRF-Token': got.body['csrf-token'] }, JSON.stringify({ name: 'tests', 'user-scope': 'Super User' }));
		this.key = made.body.key;
	}

	/** A person who can log in: makes the user if need be, and sets a password by a link. */
	async person(user, scope, { domain = this.domain, password = 'A long enough pass 1', ...more } = {}) {
		const at = `/domains/${domain}/users/${user}`;
		await this.api('POST', `/domains/${domain}/users`, { user, 'name-first-name': 'Test', 'name-last-name': scope, 'user-scope': scope, ...more });
		const link = (await this.api('POST', `${at}/welcome`, { link: true }))['one-time-link'];
		const set = await request(`${this.url}/api/v1/set-password`, 'POST', { 'Content-Type': 'application/json' },
			JSON.stringify({ link: link.link.split('/').pop(), password, pin: '471193' }));
		if (set.status >= 300) throw new Error(`set-password: ${set.status} ${JSON.stringify(set.body)}`);
		return { login: `${user}@${domain}`, password };
	}
}

/** `rekeyd demo --no-story`: rekeyd, Kamailio and ten phones and softphones, all registered. Domain harbor.test. */
async function demo() {
	const dir = folder('demo');
	const p = spawn(program, ['demo', '--no-story', '--dir', path.join(dir, 'run')], { stdio: ['ignore', 'pipe', 'pipe'] });
	let text = '';
	for (const s of [p.stdout, p.stderr]) s.on('data', (d) => { text += d; });
	closers.push(() => end(p));
	const found = await until(() => {
		if (ended(p)) throw new Error(`the demo ended: ${text}`);
		return text.match(/admins +(\S+)\/ +login (\S+) +password (\S+)/);
	}, 90, 'the demo');
	return new Server({ url: found[1], login: found[2], password: found[3], domain: 'harbor.test', dir: path.join(dir, 'run'), process: p,
		log: () => fs.readFileSync(path.join(dir, 'run/rekeyd.log'), 'utf8') });
}

/**
 * A server without phones and registrar, in a second. settings: {'admin.session-idle-minutes': 30}; of `domain` nothing is in it yet. The
 * result has also stop(signal) and start() for what happens when it goes away.
 */
async function plain({ domain = 'office.test', settings = {} } = {}) {
	const dir = path.join(folder('server'), 'data');
	const made = spawnSync(program, ['init', '--dir', dir], { encoding: 'utf8' });
	if (made.status) throw new Error(`rekeyd init: ${made.stderr}`);
	const admin = await freePort(), phones = await freePort(), conf = path.join(dir, 'rekeyd.conf');
	const want = { 'admin.address': '127.0.0.1', 'admin.port': admin, 'admin.url': `https://localhost:${admin}`, 'phones.address': '127.0.0.1',
		'phones.port': phones, 'phones.url': `https://localhost:${phones}`, ...settings };
	let section;
	const lines = fs.readFileSync(conf, 'utf8').split('\n').map((line) => {
		section = line.match(/^\[(\w+)\]/)?.[1] ?? section;
		const key = `${section}.${line.match(/^([\w-]+) *=/)?.[1]}`;
		if (!(key in want)) return line;
		const said = `${key.split('.')[1]} = ${want[key]}`;
		delete want[key];
		return said;
	});
	if (Object.keys(want).length) throw new Error(`no such settings: ${Object.keys(want)}`);
	fs.writeFileSync(conf, lines.join('\n'));
	const server = new Server({ url: `https://localhost:${admin}`, domain, dir,
		login: made.stdout.match(/login: *(\S+)/)[1], password: made.stdout.match(/password: *(\S+)/)[1] });
	server.start = async () => {
		const log = fs.openSync(path.join(dir, 'log'), 'a');
		server.process = spawn(program, ['run', '--conf', conf], { stdio: ['ignore', log, log] });
		fs.closeSync(log);
		await until(async () => {
			if (ended(server.process)) throw new Error(`rekeyd ended: ${server.log()}`);
			return request(`${server.url}/healthz`, 'GET', {}).then((r) => r.status === 200, () => false);
		}, 30, 'rekeyd');
	};
	server.stop = (signal) => end(server.process, signal);
	server.log = () => fs.readFileSync(path.join(dir, 'log'), 'utf8');
	closers.push(() => end(server.process));
	await server.start();
	await server.api('POST', '/domains', { domain });
	return server;
}

async function closeAll() {
	for (const close of closers.reverse()) await Promise.resolve(close()).catch((e) => say(e.message));
}

module.exports = { demo, plain, until, closeAll, top, onClose: (fn) => closers.push(fn) };
