// Jobs that are fetched from pg-boss and completed, with nothing between, beside those of bench/jobs.cpp. Arguments: URL, jobs,
// jobs at once. Prints the seconds. fetch() and complete() are called in a loop: its own workers pause between two batches.
import PgBoss from 'pg-boss';

const [url, jobs, together] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
await boss.start();
await boss.createQueue('analyse');
for (let at = 0; at < jobs; at += 1000) {
  const count = Math.min(1000, jobs - at);
  await boss.insert([...Array(count).keys()].map((i) => ({ name: 'analyse', data: { sample_id: at + i } })));
}
const start = process.hrtime.bigint();
let done = 0;
for (;;) {
  const taken = await boss.fetch('analyse', { batchSize: together });
  if (taken.length === 0) break;
  await boss.complete('analyse', taken.map((job) => job.id));
  done += taken.length;
}
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
if (done !== jobs) throw new Error(`${done} of ${jobs} jobs were done`);
console.log(seconds);
await boss.stop({ graceful: false });
process.exit(0);
