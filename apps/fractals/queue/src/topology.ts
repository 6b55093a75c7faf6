/**
 * The names the tutorial's application gave its queue, so that programs written for it find it:
 * a direct exchange `tasks`, its queue `normal`, routing key `normal`.
 *
 * The queue is a quorum queue with a delivery limit: a task that ends the worker each time it is
 * drawn goes to the queue `dead` after `deliveryLimit` returns, instead of round and round for ever.
 *
 * Source: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
 */
export const exchange = "tasks";
export const queue = "normal";
export const routingKey = "normal";
export const deadExchange = "tasks.dead";
export const deadQueue = "dead";

/** How often a task may come back before it is given up. */
export const deliveryLimit = 4;

export const queueArguments = {
  "x-queue-type": "quorum",
  "x-delivery-limit": deliveryLimit,
  "x-dead-letter-exchange": deadExchange,
  "x-dead-letter-routing-key": deadQueue,
} as const;
