/**
 * The certificate under which agents of other machines reach control, made once for a data directory.
 * Nobody vouches for it: the token that an agent is given holds its fingerprint, so that the agent
 * knows whom it talks to.
 */
import {
  createHash,
  randomBytes,
  timingSafeEqual,
  webcrypto,
  X509Certificate as NodeCertificate,
} from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";

export interface Identity {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly fingerprint: string;
  /** What agents have to know. */
  readonly secret: string;
}

/** Reads the identity of a data directory, or makes it. Its files have mode 0600. */
export async function identityOf(dataDirectory: string): Promise<Identity> {
  const directory = join(dataDirectory, "join");
  const path = join(directory, "identity.json");
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const made = { ...(await selfSigned()), secret: randomBytes(24).toString("base64url") };
    writeFileSync(`${path}.new`, JSON.stringify(made), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  const { certificate, key, secret } = JSON.parse(readFileSync(path, "utf8")) as Omit<
    Identity,
    "fingerprint"
  >;
  return { certificate, key, secret, fingerprint: fingerprintOf(new NodeCertificate(certificate).raw) };
}

async function selfSigned(): Promise<{ certificate: string; key: string }> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as unknown as Crypto);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString("hex"),
    name: "CN=fractus",
    notBefore: new Date(now - 86_400_000),
    notAfter: new Date(now + 20 * 365 * 86_400_000),
    signingAlgorithm: algorithm,
    keys: keys as unknown as CryptoKeyPair,
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = pkcs8.match(/.{1,64}/g)!.join("\n");
  return {
    certificate: certificate.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}

export function fingerprintOf(certificate: Buffer): string {
  return createHash("sha256").update(certificate).digest("hex");
}

/** What an operator hands to an agent: whom to trust, and the secret. */
export function joinToken({ fingerprint, secret }: Pick<Identity, "fingerprint" | "secret">): string {
  return `F1.${fingerprint}.${secret}`;
}

/** @throws Refusal invalid for a text that is no token */
export function readToken(token: string): Pick<Identity, "fingerprint" | "secret"> {
  const [, fingerprint, secret] = /^F1\.([0-9a-f]{64})\.([A-Za-z0-9_-]{16,})$/.exec(token.trim()) ?? [];
  if (!fingerprint || !secret)
    throw new Refusal("invalid", "That is no join token: `fractus token` on the cloud's machine prints it.");
  return { fingerprint, secret };
}

/** Compares secrets in a time that says nothing about them. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
