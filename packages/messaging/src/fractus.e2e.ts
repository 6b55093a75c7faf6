import { contractSuite } from "./contract-suite.ts";
import { protocolSuite } from "./protocol-suite.ts";
import { startOwnBroker } from "./testing/own-broker.ts";

contractSuite("fractus (CL-41)", startOwnBroker);
protocolSuite("fractus on the wire", startOwnBroker);
