// A real SMTP server (npm smtp-server) for the tests. node server.js FOLDER: FOLDER/setup.json says how it listens,
// FOLDER/mood.json, read anew at each command, how it behaves. Each mail is left there as <n>.eml with <n>.json beside it.
"use strict";
const fs = require("fs");
const path = require("path");
const { SMTPServer } = require("smtp-server");

const dir = process.argv[2];
const setup = JSON.parse(fs.readFileSync(path.join(dir, "setup.json")));
let count = fs.readdirSync(dir).filter((f) => /^\d+\.json$/.test(f)).length; // it may have been here before
const seen = {}; // how often each word of the mood was asked for

function mood() {
  try {
    return JSON.parse(fs.readFileSync(path.join(dir, "mood.json")));
  } catch (e) {
    return {};
  }
}

function note(event) {
  fs.appendFileSync(path.join(dir, "events"), JSON.stringify(Object.assign({ at: Date.now() }, event)) + "\n");
}

function refusal(code, text) {
  const e = new Error(text || "the mood is " + code);
  e.responseCode = code;
  return e;
}

// A word of the mood is a code, a list of codes of which each is used once (0 = none), or a number of ms to wait.
function say(word, key, done, good) {
  const m = mood();
  let what = m[word];
  if (what && typeof what === "object" && !Array.isArray(what)) what = what[key];
  if (Array.isArray(what)) {
    const name = word + " " + key;
    seen[name] = seen[name] || 0;
    what = what[seen[name]++] || 0;
  }
  note({ word, key, code: what || 250 }); // before the wait: a test may wait for it
  const answer = () => (what ? done(refusal(what, m.text)) : good());
  if (m.slow && m.slow[word]) setTimeout(answer, m.slow[word]);
  else answer();
}

const server = new SMTPServer({
  secure: setup.tls === "tls",
  key: setup.key ? fs.readFileSync(setup.key) : undefined,
  cert: setup.cert ? fs.readFileSync(setup.cert) : undefined,
  hideSTARTTLS: setup.tls === "none",
  hideSMTPUTF8: !!setup.ascii,
  authOptional: !setup.user,
  disabledCommands: [].concat(setup.user ? [] : ["AUTH"], setup.tls === "none" ? ["STARTTLS"] : []),
  allowInsecureAuth: setup.tls === "none",
  closeTimeout: 200,
  onConnect(session, done) {
    say("connect", "", done, done);
  },
  onAuth(auth, session, done) {
    note({ word: "login", key: auth.username, secure: session.secure });
    if (auth.username !== setup.user || auth.password !== setup.password) return done(refusal(535, "no such login"));
    done(null, { user: auth.username });
  },
  onMailFrom(address, session, done) {
    say("from", address.address, done, done);
  },
  onRcptTo(address, session, done) {
    say("to", address.address, done, done);
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on("data", (p) => parts.push(p));
    stream.on("end", () =>
      say("data", session.envelope.rcptTo[0].address, done, () => {
        const base = path.join(dir, String(count++).padStart(6, "0"));
        fs.writeFileSync(base + ".eml", Buffer.concat(parts));
        fs.writeFileSync(
          base + ".part",
          JSON.stringify({
            from: session.envelope.mailFrom.address,
            to: session.envelope.rcptTo.map((r) => r.address),
            secure: session.secure,
            user: session.user || null,
            hello: session.hostNameAppearsAs,
          })
        );
        fs.renameSync(base + ".part", base + ".json");
        const hang = mood().hang; // the mail is taken over, and rekeyd is not told
        if (hang) return;
        done(null, "taken over");
      })
    );
  },
});
server.on("error", (e) => note({ word: "error", key: String(e.message) })); // a TLS alert must not end it
server.listen(setup.port, setup.address || "127.0.0.1", () => process.stdout.write("ready\n"));
process.stdin.on("end", () => process.exit(0)).resume(); // the test is gone
