// Jobs that graphile-worker takes, does nothing for, and ends, beside those of bench/jobs.cpp. Arguments: URL, jobs, jobs at once.
// Prints the seconds. More than one at once: a local queue, and completions in batches, as its documents advise for many jobs.
import { makeWorkerUtils, runOnce, Logger } from 'graphile-worker';
import pg from 'pg';

const [url, jobs, together] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const pool = new pg.Pool({ connectionString: url, max: 10 });
pool.on('error', () => {});
pool.on('connect', (client) => client.on('error', () => {}));
const logger = new Logger(() => () => {});
const utils = await makeWorkerUtils({ pgPool: pool, logger });
await utils.migrate();
for (let at = 0; at < jobs; at += 1000) {
  const count = Math.min(1000, jobs - at);
  const specs = [...Array(count).keys()].map((i) => ({ identifier: 'analyse', payload: { sample_id: at + i } }));
  await utils.addJobs(specs);
}
const worker =
  together > 1
    ? { concurrentJobs: 24, localQueue: { size: together }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
    : { concurrentJobs: 1 };
const start = process.hrtime.bigint();
await runOnce({ pgPool: pool, logger, taskList: { analyse: async () => {} }, preset: { worker } });
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const left = await pool.query('SELECT count(*)::int AS jobs FROM graphile_worker.jobs');
if (left.rows[0].jobs !== 0) throw new Error(`${left.rows[0].jobs} jobs are left`);
console.log(seconds);
await utils.release();
await pool.end();
process.exit(0);
