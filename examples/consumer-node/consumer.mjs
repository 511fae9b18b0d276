/** Acts on imports as they happen: `npm start`. Stop it however you like, kill -9 too. */

import { readFile } from "node:fs/promises";
import { hostname } from "node:os";

import { Consumer } from "@platformatic/kafka";
import pg from "pg";

import { JOB_EVENTS, RESULTS, handle, hasEffect } from "./effects.mjs";

const BATCH = 200;
const { KAFKA_BOOTSTRAP, DATABASE_URL, CONSUMER_GROUP = "sales-node", INSTANCE = hostname() } = process.env;

const db = new pg.Client({ connectionString: DATABASE_URL });
const consumer = new Consumer({
  groupId: CONSUMER_GROUP,
  // Another name for each instance: one that comes back takes its own partitions at once
  groupInstanceId: INSTANCE,
  clientId: "sales-node",
  bootstrapBrokers: KAFKA_BOOTSTRAP.split(","),
});

async function main() {
  await db.connect();
  await db.query(await readFile(new URL("schema.sql", import.meta.url), "utf8"));
  const stream = await consumer.consume({
    topics: [RESULTS, JOB_EVENTS],
    mode: "committed",
    // A group that is new, or was away too long, begins with the oldest record there is
    fallbackMode: "earliest",
    // We say what is done, and only after our transaction
    autocommit: false,
    maxWaitTime: 500,
    sessionTimeout: 10_000,
  });
  let isStopped = false;
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.once(signal, () => {
      isStopped = true;
      stream.close();
    });
  }
  for await (const message of stream) {
    await oneBatch([message, ...fetchedBy(stream)]);
    if (isStopped) {
      break;
    }
  }
  await consumer.close(true);
  await db.end();
}

/** Act in one transaction, then commit the offsets: a crash between repeats the batch. */
async function oneBatch(messages) {
  let fresh = 0;
  await db.query("BEGIN");
  for (const message of messages) {
    const event = eventOf(message);
    if (event !== null && (await handle(db, event))) {
      fresh += 1;
    }
  }
  await db.query("COMMIT");
  await consumer.commit({ offsets: nextOffsets(messages) });
  console.log(`${messages.length} records, ${fresh} events that were new`);
}

/** Return what has been fetched already, up to a limit. */
function* fetchedBy(stream) {
  for (let count = 1; count < BATCH; count += 1) {
    const message = stream.read();
    if (message === null) {
      return;
    }
    yield message;
  }
}

/** Return, for each partition, the offset of the record that comes next. */
function nextOffsets(messages) {
  const next = new Map();
  for (const { topic, partition, offset } of messages) {
    next.set(`${topic} ${partition}`, { topic, partition, offset: offset + 1n, leaderEpoch: -1 });
  }
  return [...next.values()];
}

/** Decode a record; null for what has no effect here: its body may be of any form. */
function eventOf(message) {
  const headers = new Map();
  for (const [name, value] of message.headers) {
    headers.set(name.toString(), value.toString());
  }
  const [topic, ceId, ceType] = [message.topic, headers.get("ce_id"), headers.get("ce_type")];
  if (ceId === undefined || !hasEffect(topic, ceType)) {
    return null;
  }
  return {
    topic,
    ceId,
    ceType,
    // Unknown members of the body are left alone: a version may gain some
    body: JSON.parse(message.value.toString()),
  };
}

await main();
