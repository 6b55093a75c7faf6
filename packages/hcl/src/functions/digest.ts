/** Digests, passwords and identifiers. What needs cryptography or chance is the caller's to give. */
import { FunctionFault, type HclFunction, parameter } from "../function.ts";
import { numberType, stringValue } from "../value.ts";
import { aString, define, defineVariadic, integerOf, textOf } from "./arguments.ts";
import { decodeBase64 } from "./encoding.ts";

export interface DigestCapabilities {
  readonly hash: (algorithm: "md5" | "sha1" | "sha256" | "sha512", bytes: Uint8Array) => Uint8Array;
  /** A random identifier: https://www.rfc-editor.org/rfc/rfc9562, version 4. */
  readonly uuid: () => string;
  /** The bcrypt hash of a password, of the given cost. */
  readonly bcrypt?: (password: string, cost: number) => string;
  /** PKCS #1 v1.5 decryption with a private key in PEM. */
  readonly decryptRsa?: (cipher: Uint8Array, privateKey: string) => string;
}

export function digestFunctions(capabilities: DigestCapabilities): HclFunction[] {
  const { hash, uuid, bcrypt, decryptRsa } = capabilities;
  const digests = (["md5", "sha1", "sha256", "sha512"] as const).map((algorithm) =>
    define(algorithm, [aString("str")], (text) =>
      stringValue(hex(hash(algorithm, new TextEncoder().encode(textOf(text))))),
    ),
  );
  return [
    ...digests,
    define("uuidv4", [], () => stringValue(uuid())),
    define("uuidv5", [aString("namespace"), aString("name")], (namespace, name) =>
      stringValue(namedUuid(hash, textOf(namespace), textOf(name))),
    ),
    defineVariadic("bcrypt", [aString("str")], parameter("cost", numberType), (text, ...costs) => {
      if (!bcrypt) throw new FunctionFault("this function is not available here");
      if (costs.length > 1) throw new FunctionFault("bcrypt() takes no more than two arguments");
      return stringValue(bcrypt(textOf(text), costs.length === 0 ? 10 : integerOf(costs[0], 1)));
    }),
    define("rsadecrypt", [aString("ciphertext"), aString("privatekey")], (cipher, key) => {
      if (!decryptRsa) throw new FunctionFault("this function is not available here");
      return stringValue(decryptRsa(decodeBase64(textOf(cipher)), textOf(key)));
    }),
  ];
}

const namespaces: Readonly<Record<string, string>> = {
  dns: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  url: "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
  oid: "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
  x500: "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
};

/** Version 5: the SHA-1 of a namespace and a name. */
function namedUuid(hash: DigestCapabilities["hash"], namespace: string, name: string): string {
  const text = (Object.hasOwn(namespaces, namespace) ? namespaces[namespace] : namespace).replace(
    /^urn:uuid:|^\{|\}$/gi,
    "",
  );
  if (!/^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text)) {
    throw new FunctionFault(`uuidv5() doesn't support namespace ${namespace}`, 0);
  }
  const prefix = Uint8Array.from(text.replaceAll("-", "").match(/../g) ?? [], (pair) =>
    Number.parseInt(pair, 16),
  );
  const digest = hash("sha1", Uint8Array.from([...prefix, ...new TextEncoder().encode(name)])).slice(0, 16);
  digest[6] = (digest[6] & 0x0f) | 0x50;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  const digits = hex(digest);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join("-");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
