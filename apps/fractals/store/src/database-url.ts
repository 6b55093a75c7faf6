/** Where the fractals are kept. */
export type DatabasePlace =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/**
 * Reads a database URL as SQLAlchemy writes it: `sqlite:////tmp/sqlite.db` is an absolute path,
 * `sqlite:///fractals.db` a relative one, `sqlite://` is in memory (CL-42); also
 * `postgresql://user:password@host/database`, with or without a `+driver`.
 *
 * Source: https://docs.sqlalchemy.org/en/20/core/engines.html#sqlite
 *
 * @throws {Error} naming what is wrong; a password in the URL is not repeated
 */
export function parseDatabaseUrl(url: string): DatabasePlace {
  const [, scheme, rest] = /^([a-z]+)(?:\+[a-z0-9]+)?:\/\/(.*)$/is.exec(url) ?? [];
  switch (scheme?.toLowerCase()) {
    case "sqlite":
      return { kind: "sqlite", path: sqlitePath(rest ?? "") };
    case "postgres":
    case "postgresql":
      return { kind: "postgres", url: `postgresql://${rest}` };
    default:
      throw new Error(
        `The database URL must begin with sqlite:/// or postgresql://, not "${url.replace(/\/\/.*@/, "//…@")}".`,
      );
  }
}

function sqlitePath(rest: string): string {
  if (rest === "" || rest === "/" || rest === "/:memory:") return ":memory:";
  if (!rest.startsWith("/")) throw new Error(`"sqlite://${rest}" names a host; write sqlite:///${rest}.`);
  return rest.slice(1);
}
