import { useState, type FormEvent } from "react";
import { useSession } from "./context.tsx";
import { strings } from "./strings.ts";

/** Asks who the reader is. */
export function TokenForm() {
  const { hasToken, setToken } = useSession();
  const [text, setText] = useState("");
  const use = (event: FormEvent) => {
    event.preventDefault();
    setToken(text.trim());
  };
  return (
    <form className="notice" onSubmit={use}>
      <h1>{strings.token.heading}</h1>
      <p>{hasToken ? strings.token.wrong : strings.token.text}</p>
      <label className="field">
        {strings.token.label}
        <input
          type="password"
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <p className="soft">{strings.token.kept}</p>
      <button type="submit" className="button" disabled={text.trim() === ""}>
        {strings.token.use}
      </button>
    </form>
  );
}
