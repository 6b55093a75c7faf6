import { contractSuite } from "./contract-suite.ts";
import { protocolSuite } from "./protocol-suite.ts";
import { skipWithoutRabbitmq, startRabbitmq } from "./testing/rabbitmq.ts";

contractSuite("rabbitmq (CL-22)", () => startRabbitmq(), { skip: skipWithoutRabbitmq() });
protocolSuite("rabbitmq on the wire", () => startRabbitmq(), { skip: skipWithoutRabbitmq() });
