// A real pgvector behind PostgreSQL's wire protocol: PGlite, which is PostgreSQL as WebAssembly, on a socket. Arguments: the
// folder with node_modules, the folder of the socket. Prints `ready`, and ends with its standard input.
//
// PGlite has one session, of a superuser. Here each client has what a server would give it: its own login, settings and
// prepared statements, and the session to itself from BEGIN to the end of the transaction; the others wait.
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';

const [modules, folder] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { PGlite } = await load('@electric-sql/pglite');
const { vector } = await load('@electric-sql/pglite-pgvector');
const db = await PGlite.create({ extensions: { vector } });

const message = (type, body) => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const text = (...words) => Buffer.from(words.map((word) => `${word}\0`).join(''));
const number = (...numbers) => Buffer.concat(numbers.map((n) => { const b = Buffer.alloc(4); b.writeInt32BE(n); return b; }));
const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
const literal = (value) => `'${value.replaceAll("'", "''")}'`;

const greeting = Buffer.concat([
  message('R', number(0)),
  ...Object.entries({
    server_version: (await db.query('SHOW server_version')).rows[0].server_version,
    server_encoding: 'UTF8', client_encoding: 'UTF8', DateStyle: 'ISO, MDY', TimeZone: 'UTC',
    integer_datetimes: 'on', standard_conforming_strings: 'on', is_superuser: 'off',
  }).map((pair) => message('S', text(...pair))),
  message('K', number(1, 1)),
  message('Z', Buffer.from('I')),
]);

/// `-c name=value` words of the startup packet, in which a backslash takes the meaning from what follows.
const settings = (options) =>
  [...(options ?? '').matchAll(/-c\s+((?:\\.|[^\s\\])+)/g)].map(([, word]) => {
    const [, name, value] = word.replace(/\\(.)/g, '$1').match(/^([^=]+)=(.*)$/);
    return `SELECT set_config(${literal(name)}, ${literal(value)}, false)`;
  });

/// The client's statements have its number before their names.
const renamed = (client, type, body) => {
  const own = `c${client.number}_`;
  const insert = (at) => Buffer.concat([body.subarray(0, at), body[at] ? Buffer.from(own) : Buffer.alloc(0), body.subarray(at)]);
  if (type === 'P' && body[0] === 0 && body.subarray(1, 12).toString() === 'DEALLOCATE ')
    return insert(12);
  if (type === 'P') return insert(0);
  if (type === 'B') return insert(body.indexOf(0) + 1);
  if ((type === 'D' || type === 'C') && body[0] === 'S'.charCodeAt(0)) return insert(1);
  return body;
};

// --- One session for all: whose it is, and who waits. ---
let holder = null;
let last = null;
let busy = false;
const waiting = [];

const run = async (client, bytes) => {
  if (last !== client) {
    // What the one before left is taken from the session. Who is unknown is sent away.
    last = null;
    try {
      await db.exec(`RESET SESSION AUTHORIZATION; RESET ALL; SET SESSION AUTHORIZATION ${quoted(client.user)};
                     ${client.settings.join('; ')}`);
    } catch {
      client.socket.destroy();
      return;
    }
    last = client;
  }
  const answer = await db.execProtocolRaw(bytes);
  const isReady = answer.at(-6) === 'Z'.charCodeAt(0);
  const status = isReady ? String.fromCharCode(answer.at(-1)) : 'T';
  const script = bytes.toString('utf8', 5, bytes.length - 1);
  if (status === 'I' && bytes[0] === 'Q'.charCodeAt(0) && script.startsWith('SET ')) client.settings.push(script);
  holder = status === 'I' ? null : client;
  client.socket.write(answer);
};

const serve = async () => {
  if (busy) return;
  busy = true;
  for (;;) {
    const at = waiting.findIndex((one) => holder === null || one.client === holder);
    if (at < 0) break;
    const [{ client, bytes }] = waiting.splice(at, 1);
    if (bytes === null) {
      if (holder === client) { await db.exec('ROLLBACK'); holder = null; }
    } else {
      await run(client, bytes);
    }
  }
  busy = false;
};

let clients = 0;
const take = (client) => {
  for (;;) {
    const from = client.started ? 1 : 0;
    if (client.bytes.length < from + 4) return;
    const size = from + client.bytes.readInt32BE(from);
    if (client.bytes.length < size) return;
    const whole = client.bytes.subarray(0, size);
    client.bytes = client.bytes.subarray(size);
    if (!client.started) {
      const code = whole.readInt32BE(4);
      if (code !== 196608) {  // TLS, GSS: not here; a cancellation has nobody to go to
        client.socket.write('N');
        continue;
      }
      const words = whole.subarray(8).toString().split('\0');
      const given = Object.fromEntries(Array.from({ length: words.length >> 1 }, (_, i) => [words[2 * i], words[2 * i + 1]]));
      client.user = given.user;
      client.settings = settings(given.options);
      client.started = true;
      client.socket.write(greeting);
      continue;
    }
    const type = String.fromCharCode(whole[0]);
    if (type === 'X') return;
    client.group.push(message(type, renamed(client, type, whole.subarray(5))));
    if (type === 'S' || type === 'Q' || type === 'H') {
      waiting.push({ client, bytes: Buffer.concat(client.group.splice(0)) });
      serve();
    }
  }
};

createServer((socket) => {
  const client = { socket, number: ++clients, bytes: Buffer.alloc(0), group: [], started: false };
  socket.on('data', (data) => { client.bytes = Buffer.concat([client.bytes, data]); take(client); });
  socket.on('error', () => {});
  socket.on('close', () => { waiting.push({ client, bytes: null }); serve(); });
}).listen(`${folder}/.s.PGSQL.5432`, () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit(0));
