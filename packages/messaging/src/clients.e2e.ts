import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { skipWithout } from "./testing/needs.ts";
import { startOwnBroker } from "./testing/own-broker.ts";
import type { OwnBroker } from "./testing/own-broker.ts";

const run = promisify(execFile);
const python = "/usr/bin/python3";
const packages = "/usr/lib/python3/dist-packages";

suite("clients of others", () => {
  let own: OwnBroker;
  before(async () => {
    own = await startOwnBroker();
  });
  after(() => own.stop());

  const runPython = async (script: string) => {
    const { stdout } = await run(python, ["-c", script, own.url], { timeout: 20_000 });
    return stdout.trim();
  };

  test(
    "pika: the work queue tutorial, confirms, mandatory, dead letters and a blocking consumer (CL-22)",
    { skip: skipWithout([python, `${packages}/pika`], "python3-pika") },
    async () =>
      assert.equal(
        await runPython(pikaScript),
        "a b c\nunroutable\n406 PRECONDITION_FAILED\npoison rejected\n0",
      ),
  );

  test(
    "kombu: the producer and consumer that oslo.messaging and Fractals' original use (CL-37, CL-41)",
    { skip: skipWithout([python, `${packages}/kombu`], "python3-kombu") },
    async () =>
      assert.equal(
        await runPython(kombuScript),
        "{'uuid': '1'} {'uuid': '2'}\nTrue {'uuid': '3'}\nSimpleQueue: hello",
      ),
  );

  test(
    // They read a slash at the end of the URL as a virtual host without a name.
    "amqp-tools: declare, publish, get, consume, delete",
    { skip: skipWithout(["/usr/bin/amqp-publish"], "amqp-tools") },
    async () => {
      const tool = (name: string, ...args: string[]) =>
        run(`/usr/bin/amqp-${name}`, [`--url=${own.url.slice(0, -1)}`, ...args], { timeout: 10_000 });
      await tool("declare-queue", "-q", "tools", "-d");
      await tool("publish", "-r", "tools", "-p", "-b", "one");
      await tool("publish", "-r", "tools", "-p", "-b", "two");
      assert.equal((await tool("get", "-q", "tools")).stdout, "one");
      assert.equal((await tool("consume", "-q", "tools", "-c", "1", "cat")).stdout, "two");
      assert.equal((await tool("delete-queue", "-q", "tools")).stdout.trim(), "0");
    },
  );
});

/** https://www.rabbitmq.com/tutorials/tutorial-two-python and what pika's blocking adapter offers beyond it. */
const pikaScript = `
import sys, pika
connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.confirm_delivery()
channel.queue_declare(queue='pika.dead')
channel.queue_declare(queue='pika', durable=True,
    arguments={'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'pika.dead'})
for body in ('a', 'b', 'c'):
    channel.basic_publish('', 'pika', body, pika.BasicProperties(delivery_mode=2), mandatory=True)
channel.basic_qos(prefetch_count=1)
seen = []
def callback(ch, method, properties, body):
    seen.append(body.decode())
    ch.basic_ack(delivery_tag=method.delivery_tag)
    if len(seen) == 3:
        ch.stop_consuming()
channel.basic_consume(queue='pika', on_message_callback=callback)
channel.start_consuming()
print(*seen)
try:
    channel.basic_publish('', 'nowhere', 'x', mandatory=True)
except pika.exceptions.UnroutableError:
    print('unroutable')
other = connection.channel()
try:
    other.queue_declare(queue='pika', durable=False)
except pika.exceptions.ChannelClosedByBroker as error:
    print(error.reply_code, error.reply_text.split(' ')[0])
channel.basic_publish('', 'pika', 'poison')
method, _, _ = channel.basic_get('pika')
channel.basic_nack(method.delivery_tag, requeue=False)
method, properties, body = channel.basic_get('pika.dead', auto_ack=True)
print(body.decode(), properties.headers['x-death'][0]['reason'])
print(channel.queue_delete('pika').method.message_count)
connection.close()
`;

const kombuScript = `
import sys, socket
from kombu import Connection, Exchange, Queue
exchange = Exchange('kombu', 'direct', durable=True)
queue = Queue('normal', exchange=exchange, routing_key='normal')
got = []
def process(body, message):
    got.append(body)
    message.ack()
with Connection(sys.argv[1], heartbeat=10) as connection:
    producer = connection.Producer(serializer='json')
    for number in ('1', '2'):
        producer.publish({'uuid': number}, exchange=exchange, routing_key='normal', declare=[queue])
    with connection.Consumer(queue, callbacks=[process], prefetch_count=1):
        while len(got) < 2:
            connection.drain_events(timeout=5)
    print(*got)
    producer.publish({'uuid': '3'}, exchange=exchange, routing_key='normal')
    def refuse(body, message):
        if not message.delivery_info['redelivered']:
            message.requeue()
        else:
            print(message.delivery_info['redelivered'], body)
            message.ack()
            got.append(body)
    with connection.Consumer(queue, callbacks=[refuse]):
        while len(got) < 3:
            connection.drain_events(timeout=5)
    simple = connection.SimpleQueue('kombu.simple')
    simple.put('hello')
    message = simple.get(timeout=5)
    print('SimpleQueue:', message.payload)
    message.ack()
    simple.close()
`;
