// pgvector beside bench/vectors.cpp: PostgreSQL and pgvector as WebAssembly. Arguments: a folder with rows.f32, queries.f32
// and truth.json (dimensions, the ids nearest to each query, and those nearest among ids that 100 divides). Prints one line
// of JSON. Row i, from 0 on, has id i.
import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

const folder = process.argv[2];
const { dimensions, all, filtered } = JSON.parse(readFileSync(`${folder}/truth.json`, 'utf8'));
const read = (name) => {
  const bytes = readFileSync(`${folder}/${name}`);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return Array.from({ length: numbers.length / dimensions }, (_, i) =>
    `[${numbers.subarray(i * dimensions, (i + 1) * dimensions).join(',')}]`);
};
const seconds = async (work) => {
  const start = process.cpuUsage();
  await work();
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 1e6;
};

const rows = read('rows.f32');
const queries = read('queries.f32');
const db = await PGlite.create({ extensions: { vector } });
await db.exec(`CREATE EXTENSION vector; CREATE TABLE t (id bigint PRIMARY KEY, hundredth boolean NOT NULL, v vector(${dimensions}) NOT NULL)`);
for (let from = 0; from < rows.length; from += 200) {
  const values = rows.slice(from, from + 200).map((row, i) => `(${from + i}, ${(from + i) % 100 === 0}, '${row}')`);
  await db.exec(`INSERT INTO t VALUES ${values.join(',')}`);
}
const build = await seconds(() =>
  db.exec("SET maintenance_work_mem = '512MB'; CREATE INDEX ON t USING hnsw (v vector_cosine_ops) WITH (m = 16, ef_construction = 200); CREATE INDEX ON t (id) WHERE hundredth; ANALYZE t"));

const measure = async (where, truth) => {
  let found = 0;
  let wanted = 0;
  const spent = await seconds(async () => {
    for (let i = 0; i < queries.length; i++) {
      const { rows: hits } = await db.query(`SELECT id FROM t ${where} ORDER BY v <=> $1 LIMIT 10`, [queries[i]]);
      const right = new Set(truth[i]);
      found += hits.filter((hit) => right.has(Number(hit.id))).length;
      wanted += truth[i].length;
    }
  });
  return { per_second: queries.length / spent, recall: found / wanted };
};

const unfiltered = [];
for (const candidates of [10, 20, 40, 80, 160, 320]) {
  await db.exec(`SET hnsw.ef_search = ${candidates}`);
  unfiltered.push({ candidates, ...(await measure('', all)) });
  if (unfiltered.at(-1).recall >= 0.95) break;
}
await db.exec('SET hnsw.ef_search = 40');
const plan = (await db.query("EXPLAIN SELECT id FROM t WHERE hundredth ORDER BY v <=> $1 LIMIT 10", [queries[0]])).rows;
const hundredth = { ...(await measure('WHERE hundredth', filtered)), plan: plan.map((row) => row['QUERY PLAN'].trim())[1] };
console.log(JSON.stringify({ build, unfiltered: unfiltered.at(-1), hundredth }));
