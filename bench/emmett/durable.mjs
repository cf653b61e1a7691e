// Commits of an event store for Node on PostgreSQL, beside those of bench/durable-pg.cpp. Arguments: URL, submitters,
// commits of each. Prints the seconds. Each submitter has a stream of its own and waits for its append before the
// next; no projection, so nothing but the event is written.
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

const [url, submitters, each] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const pool = new pg.Pool({ connectionString: url, max: submitters });
const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });

const felt = (submitter, number) => ({
  type: 'scholar.felt',
  data: {
    delta: 0.5,
    feeling: (number % 1000) / 4,
    reason: 'a letter',
    scholar_id: `s.scholar${String(submitter % 24).padStart(2, '0')}`,
    subject: `player${String(submitter % 6).padStart(2, '0')}`,
  },
});

const run = Date.now();
const submit = async (submitter, count) => {
  for (let number = 0; number < count; number++) {
    await store.appendToStream(`scholar-${run}-${submitter}`, [felt(submitter, number)]);
  }
};
const all = (count) => Promise.all([...Array(submitters).keys()].map((submitter) => submit(submitter, count)));

await submit(0, 1); // makes the schema
await all(5);
const start = process.hrtime.bigint();
await all(each);
console.log(Number(process.hrtime.bigint() - start) / 1e9);
await store.close();
await pool.end().catch(() => {});
process.exit(0);
