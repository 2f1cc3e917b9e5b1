// Peers that live in Node: reads rules and cases once, then times on request, one JSON line each way.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2] + "/");
const jsonLogic = require("json-logic-js");
const cql = require("cql-execution");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const say = (value) => console.log(JSON.stringify(value));
const { jsonlogic, elm, cases } = await next();

const executor = new cql.Executor(new cql.Library(elm));
const records = cases.map((one, number) => ({ id: String(number), recordType: "Patient", ...one }));
async function measure(record) {
  const found = await executor.exec(new cql.PatientSource([record]));
  return Object.values(found.patientResults)[0];
}

const engines = {
  "json-logic-js": async (number) => jsonLogic.apply(jsonlogic, cases[number]),
  "cql-execution": async (number) => {
    const found = await measure(records[number]);
    return elm.library.statements.def.map((one) => found[one.name]);
  },
};
const timed = {
  "json-logic-js": (times) => {
    for (let turn = 0; turn < times; turn++) for (const one of cases) jsonLogic.apply(jsonlogic, one);
  },
  "cql-execution": async (times) => {
    for (let turn = 0; turn < times; turn++) for (const one of records) await measure(one);
  },
};

say("ready");
for (;;) {
  const line = await lines.next();
  if (line.done) break;
  const { engine, times, number } = JSON.parse(line.value);
  if (number !== undefined) {
    say(await engines[engine](number));
    continue;
  }
  const started = process.cpuUsage();
  await timed[engine](times);
  const { user, system } = process.cpuUsage(started);
  say((user + system) / 1e6 / times / cases.length);
}
