import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDatabaseUrl } from "./database-url.ts";

function check(url: string, expected: string) {
  const place = parseDatabaseUrl(url);
  assert.equal(place.kind === "sqlite" ? `sqlite ${place.path}` : `postgres ${place.url}`, expected);
}

test("database URL: SQLAlchemy's forms of SQLite (CL-42)", () => {
  check("sqlite:////tmp/sqlite.db", "sqlite /tmp/sqlite.db");
  check("sqlite:///fractals.db", "sqlite fractals.db");
  check("sqlite://", "sqlite :memory:");
});

test("database URL: PostgreSQL with and without a driver's name", () => {
  check("postgresql://u:p@h/d", "postgres postgresql://u:p@h/d");
  check("postgresql+psycopg2://u:p@h/d", "postgres postgresql://u:p@h/d");
});

test("database URL: another scheme is refused without repeating its password", () => {
  assert.throws(() => parseDatabaseUrl("mysql://root:secret@h/d"), /must begin with sqlite.*mysql:\/\/…@h/);
  assert.throws(() => parseDatabaseUrl("sqlite://host/file"), /names a host/);
});
