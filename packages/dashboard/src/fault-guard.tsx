import { Component, type ReactNode } from "react";
import { strings } from "./strings.ts";

/** Keeps a fault in one page from taking the others with it. Give it another key to try again. */
export class FaultGuard extends Component<{ children: ReactNode }, { hasFault: boolean }> {
  override state = { hasFault: false };

  static getDerivedStateFromError(): { hasFault: boolean } {
    return { hasFault: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFault) return this.props.children;
    return (
      <section className="notice">
        <h1>{strings.errors.fault}</h1>
        <button type="button" className="button" onClick={() => location.reload()}>
          {strings.errors.reload}
        </button>
      </section>
    );
  }
}
